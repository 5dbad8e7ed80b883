import { hash, randomBytes } from 'node:crypto';

/** Prefixes of the ids that people and programs see. */
export const idPrefixes = {
  user: 'usr',
  session: 'ses',
  organization: 'org',
  membership: 'mem',
  invitation: 'inv',
  project: 'prj',
  platformDatabase: 'pdb',
  appwriteInstance: 'awi',
  appwriteKey: 'awk',
  apiKey: 'key',
  service: 'srv',
  deployment: 'dep',
  saga: 'sga',
  auditEntry: 'aud',
  webhook: 'whk',
  webhookEvent: 'evt',
  isolationProof: 'prf',
} as const;

export type IdKind = keyof typeof idPrefixes;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 26 characters of Crockford base 32 that carry the 128 random bits of an id. */
function base32(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let position = 0; position < 26; position += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

/** A new id for the outside: prefix and 128 random bits, so it can be neither guessed nor counted. */
export function newPublicId(kind: IdKind): string {
  return `${idPrefixes[kind]}_${base32(randomBytes(16))}`;
}

/** The same id for the same row each time, from which the row's uuid cannot be told. For rows without one of their own. */
export function publicIdFor(kind: IdKind, uuid: string): string {
  return `${idPrefixes[kind]}_${base32(hash('sha256', uuid, 'buffer').subarray(0, 16))}`;
}

export function publicIdPattern(kind: IdKind): RegExp {
  return new RegExp(`^${idPrefixes[kind]}_[${alphabet}]{26}$`);
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: string): boolean {
  return uuidPattern.test(value);
}

/** UUIDv7: time-ordered, so that rows made together lie together in an index. */
export function newUuid(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The smallest UUIDv7 of a moment, a bound for rows by when they were made. What lies before 1970 counts as then. */
export function firstUuidAt(atMs: number): string {
  const hex = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** An id for Appwrite: 32 random hex digits, within its rule `^[a-z0-9][a-z0-9-]*$` and 36 characters. */
export function newAppwriteId(): string {
  return randomBytes(16).toString('hex');
}

/** An unguessable token of 256 bits, URL-safe. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a token. Tokens are random, so a fast hash without salt is enough. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
