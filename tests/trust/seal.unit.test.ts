import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { seal, unseal } from '@/lib/trust/vault/seal';
import { createVault } from '@/lib/trust/vault/vault';

const key = randomBytes(32);
const secret = Buffer.from('standard_0123456789abcdef');
const context = 'org|appwrite_keys|row|sealed_secret|1';

function opens(sealed: string, withKey = key, inContext = context): boolean {
  try {
    unseal(withKey, sealed, inContext);
    return true;
  } catch {
    return false;
  }
}

test('S1: what was sealed opens with its key and context, and with nothing else', () => {
  const sealed = seal(key, secret, context);
  expect(unseal(key, sealed, context)).toEqual(secret);
  const bytes = Buffer.from(sealed, 'base64url');
  let tries = 0;
  let accepted = 0;
  const attempt = (text: string, withKey = key, inContext = context) => {
    tries += 1;
    if (opens(text, withKey, inContext)) accepted += 1;
  };
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    attempt(flipped.toString('base64url'));
  }
  for (let length = 0; length < bytes.length; length += 1) attempt(bytes.subarray(0, length).toString('base64url'));
  // A tag cut to four bytes, which Node takes when it is not told the length.
  attempt(Buffer.concat([bytes.subarray(0, 16), bytes.subarray(28)]).toString('base64url'));
  for (const other of ['other|appwrite_keys|row|sealed_secret|1', 'org|api_keys|row|sealed_secret|1', 'org|appwrite_keys|other|sealed_secret|1', 'org|appwrite_keys|row|other|1', 'org|appwrite_keys|row|sealed_secret|2', '']) attempt(sealed, key, other);
  attempt(sealed, randomBytes(32));
  console.info(`vault: ${accepted} of ${tries} forgeries accepted`);
  expect(accepted).toBe(0);
});

test('S2: no nonce comes twice', () => {
  const nonces = new Set<string>();
  for (let round = 0; round < 20_000; round += 1) nonces.add(seal(key, secret, context).slice(0, 16));
  expect(nonces.size).toBe(20_000);
});

test('S3: the first key writes, every configured one reads, and one that is gone reads no more', () => {
  const [old, next] = [{ id: 'k0', key: randomBytes(32) }, { id: 'k1', key: randomBytes(32) }];
  const before = createVault([old]).sealPlatform('mail', 'hello');
  const both = createVault([next, old]);
  expect(both.openPlatform('mail', before)).toBe('hello');
  const after = both.sealPlatform('mail', 'hello');
  expect(after).toMatch(/^p1\.k1\./);
  expect(createVault([next]).openPlatform('mail', after)).toBe('hello');
  expect(() => createVault([next]).openPlatform('mail', before)).toThrow('k0 is not configured');
  expect(() => both.openPlatform('session', after)).toThrow(/authenticate/);
});

test('keys for other purposes differ from each other and from the sealing key', () => {
  const vault = createVault([{ id: 'k0', key }]);
  const derived = ['jwt', 'csrf', 'jwt'].map((purpose) => createHash('sha256').update(vault.derive(purpose, 'k0')).digest('hex'));
  expect(derived[0]).toBe(derived[2]);
  expect(derived[0]).not.toBe(derived[1]);
  expect(vault.derive('jwt', 'k0').equals(key)).toBe(false);
});

test('a vault without a key is refused', () => {
  expect(() => createVault([])).toThrow('at least one encryption key');
});
