import { createHash, randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { AppwriteError } from './errors';
import { find, insert } from './documents';
import type { Namespace } from './namespace';
import { isObject } from './params';
import { signing } from './schema';

export interface SessionCookie {
  id: string;
  secret: string;
}

/** The form in which a session travels in cookies and headers: base64 JSON of id and secret. */
export function encodeSession(session: SessionCookie): string {
  return Buffer.from(JSON.stringify(session)).toString('base64');
}

export function decodeSession(text: string): SessionCookie | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(decodeURIComponent(text), 'base64').toString('utf8'));
    return isObject(value) && typeof value.id === 'string' && typeof value.secret === 'string' ? { id: value.id, secret: value.secret } : undefined;
  } catch {
    return undefined;
  }
}

export function randomSecret(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Signs and checks the JWTs of users, ephemeral keys and file tokens with one secret per installation. */
export class Signer {
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  static async open(console: Namespace): Promise<Signer> {
    const stored = await find(console, signing, 'current') ?? await insert(console, signing, { id: 'current', values: { secret: randomSecret(32) } });
    return new Signer(Buffer.from(stored.values.secret, 'hex'));
  }

  sign(claims: Record<string, unknown>, lifetime: number): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuedAt(now).setExpirationTime(now + lifetime).sign(this.#secret);
  }

  /** The claims, or undefined when the token is not ours, damaged or over. */
  async read(token: string): Promise<Record<string, unknown> | undefined> {
    try {
      return (await jwtVerify(token, this.#secret, { algorithms: ['HS256'] })).payload;
    } catch {
      return undefined;
    }
  }

  /** Like `read`, but refuses with the server's error. */
  async verifyUserToken(token: string): Promise<Record<string, unknown>> {
    const claims = await this.read(token);
    if (claims !== undefined) return claims;
    throw new AppwriteError('user_jwt_invalid', `Failed to verify JWT. ${isReadable(token) ? 'Invalid token: Signature failed' : 'JSON failed: Syntax error'}`);
  }
}

function isReadable(token: string): boolean {
  try {
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
