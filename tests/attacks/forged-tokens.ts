import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { EncryptJWT } from 'jose';

type Json = Record<string, unknown>;

export interface Honest {
  key: Buffer;
  kid: string;
  issuer: string;
  user: string;
  session: string;
  /** Of a session that was ended, and of somebody else's that stands. */
  endedSession: string;
  otherUser: string;
  otherSession: string;
  /** Another key that the same process derives for another purpose. */
  otherKey: Buffer;
}

const encode = (part: Json): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function hmac(header: Json, payload: Json, key: Buffer | string, hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

function claimsOf({ issuer, user, session }: Honest, now: number): { header: Json; payload: Json } {
  return {
    header: { alg: 'HS256', typ: 'at+jwt' },
    payload: { sid: session, sub: user, iss: issuer, aud: 'studio-api', iat: now, exp: now + 600 },
  };
}

/** A token as Studio itself would sign it: what the forgeries differ from in one thing each. */
export function honestToken(honest: Honest): string {
  const { header, payload } = claimsOf(honest, Math.floor(Date.now() / 1000));
  return hmac({ ...header, kid: honest.kid }, payload, honest.key);
}

/** Access tokens that must not be accepted, each by its trick. */
export async function forgedTokens(honest: Honest): Promise<Map<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  const { key, kid } = honest;
  const claims = claimsOf(honest, now);
  const header = { ...claims.header, kid };
  const { payload } = claims;
  const without = (name: string): Json => Object.fromEntries(Object.entries(payload).filter(([each]) => each !== name));
  const right = honestToken(honest);
  const [rightHeader = '', rightPayload = '', rightSignature = ''] = right.split('.');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const bySelf = (extra: Json): string => {
    const signed = `${encode({ ...header, alg: 'RS256', ...extra })}.${encode(payload)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), rsa.privateKey).toString('base64url')}`;
  };
  const jwk = rsa.publicKey.export({ format: 'jwk' });
  const unsigned = (alg: string): string => `${encode({ ...header, alg })}.${rightPayload}.`;

  return new Map([
    ['no exp', hmac(header, without('exp'), key)],
    ['exp as text', hmac(header, { ...payload, exp: String(now + 600) }, key)],
    ['expired a second ago', hmac(header, { ...payload, exp: now - 1 }, key)],
    ['expired', hmac(header, { ...payload, exp: now - 3600 }, key)],
    ['not valid yet', hmac(header, { ...payload, nbf: now + 3600 }, key)],
    ['no aud', hmac(header, without('aud'), key)],
    ['foreign aud', hmac(header, { ...payload, aud: 'another-api' }, key)],
    ['foreign auds', hmac(header, { ...payload, aud: ['another-api', 'studio-api.evil.example'] }, key)],
    ['no iss', hmac(header, without('iss'), key)],
    ['foreign iss', hmac(header, { ...payload, iss: 'https://evil.example' }, key)],
    ['no sub', hmac(header, without('sub'), key)],
    ['no sid', hmac(header, without('sid'), key)],
    ['sid as a list', hmac(header, { ...payload, sid: [honest.session] }, key)],
    ['typ JWT', hmac({ ...header, typ: 'JWT' }, payload, key)],
    ['no typ', hmac({ alg: 'HS256', kid }, payload, key)],
    ['alg none', unsigned('none')],
    ['alg None', unsigned('None')],
    ['alg nOnE', unsigned('nOnE')],
    ['alg empty', unsigned('')],
    ['alg none with the right signature', `${encode({ ...header, alg: 'none' })}.${rightPayload}.${rightSignature}`],
    ['HS384 with the right key', hmac({ ...header, alg: 'HS384' }, payload, key, 'sha384')],
    ['HS512 with the right key', hmac({ ...header, alg: 'HS512' }, payload, key, 'sha512')],
    ['RS256 by a key of the attacker', bySelf({})],
    ['a public key as the secret', hmac(header, payload, rsa.publicKey.export({ type: 'spki', format: 'pem' }))],
    ['an empty key', hmac(header, payload, '')],
    ['the key id as the key', hmac(header, payload, kid)],
    ['the issuer as the key', hmac(header, payload, honest.issuer)],
    ['a key made for another purpose', hmac(header, payload, honest.otherKey)],
    ['a random key', hmac(header, payload, randomBytes(32))],
    ['half of the key', hmac(header, payload, key.subarray(0, 16))],
    ['no kid', hmac(claims.header, payload, key)],
    ['an unknown kid', hmac({ ...header, kid: 'another' }, payload, key)],
    ['a kid that is a path', hmac({ ...header, kid: '../../../../dev/null' }, payload, '')],
    ['a kid that is SQL', hmac({ ...header, kid: `x' union select 'key` }, payload, 'key')],
    ['a kid that every object has', hmac({ ...header, kid: 'constructor' }, payload, '')],
    ['a kid that is a list', hmac({ ...header, kid: [kid] }, payload, key)],
    ['jku of the attacker', bySelf({ jku: 'https://evil.example/keys.json' })],
    ['x5u of the attacker', bySelf({ x5u: 'https://evil.example/chain.pem' })],
    ['jwk of the attacker', bySelf({ jwk })],
    ['an unknown crit', hmac({ ...header, crit: ['exp'], exp: now + 600 }, payload, key)],
    ['an unencoded payload', hmac({ ...header, crit: ['b64'], b64: false }, payload, key)],
    ['the payload of somebody else', `${rightHeader}.${encode({ ...payload, sid: honest.otherSession, sub: honest.otherUser })}.${rightSignature}`],
    ['an organization put in', `${rightHeader}.${encode({ ...payload, org: 'org_00000000000000000000000000' })}.${rightSignature}`],
    ['a later end put in', `${rightHeader}.${encode({ ...payload, exp: now + 10 ** 6 })}.${rightSignature}`],
    ['the signature cut', right.slice(0, -8)],
    ['no signature', `${rightHeader}.${rightPayload}.`],
    ['two parts', `${rightHeader}.${rightPayload}`],
    ['four parts', `${right}.${rightSignature}`],
    ['a flipped bit of the signature', `${rightHeader}.${rightPayload}.${flipped(rightSignature)}`],
    ['an encrypted token', await new EncryptJWT(payload).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, typ: 'at+jwt' }).encrypt(key)],
    ['a session that was ended', hmac(header, { ...payload, sid: honest.endedSession }, key)],
    ['a session that never was', hmac(header, { ...payload, sid: 'ses_00000000000000000000000000' }, key)],
    ['no JSON', 'e30.bm90IGpzb24.e30'],
    ['5000 characters', 'x'.repeat(5_000)],
  ]);
}

function flipped(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString('base64url');
}
