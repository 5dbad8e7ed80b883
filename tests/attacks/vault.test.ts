import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withTenant } from '@/db/platform/client';
import { newUuid } from '@/lib/kernel/ids';
import { seal, unseal } from '@/lib/trust/vault/seal';
import { createVault, type Place } from '@/lib/trust/vault/vault';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { figure, scaled } from '../support/figure';

let studio: TestStudio;
let owner: Person;
beforeAll(async () => {
  studio = await testStudio();
  owner = await studio.person();
});
afterAll(() => studio.close());

type Inside = Parameters<typeof withTenant>[3];

function inside<Result>(organizationId: string, work: (tx: Parameters<Inside>[0]) => Promise<Result>): Promise<Result> {
  return withTenant(studio.database, { organizationId, userId: owner.id }, {}, work);
}

const opened = (open: () => unknown): boolean => {
  try {
    open();
    return true;
  } catch {
    return false;
  }
};

describe('S1: sealed values', () => {
  test('open nowhere but in their own place', { timeout: 120_000 }, async (context) => {
    const { vault } = owner.ctx;
    const organizations = await Promise.all(['One', 'Two', 'Three'].map((name) => studio.organization(owner, name)));
    const places: Place[] = ['appwrite_keys', 'environment_variables', 'webhooks'].flatMap((table) => ['sealed_secret', 'sealed_value'].flatMap((column) => [newUuid(), newUuid()].map((row) => ({ table, row, column }))));
    const sealed: { organization: string; place: Place; text: string }[] = [];
    for (const { rowId: organization } of organizations) {
      for (const place of places) sealed.push({ organization, place, text: await inside(organization, (tx) => vault.seal(tx, organization, place, 'the secret')) });
    }
    let tried = 0;
    let accepted = 0;
    let own = 0;
    for (const { rowId: organization } of organizations) {
      await inside(organization, async (tx) => {
        for (const value of sealed) {
          for (const place of places) {
            const result = await vault.open(tx, organization, place, value.text).then((text) => text === 'the secret', () => false);
            if (value.organization === organization && value.place === place) own += result ? 1 : 0;
            else {
              tried += 1;
              accepted += result ? 1 : 0;
            }
          }
        }
      });
    }
    expect(own).toBe(sealed.length);
    figure(context, { requirements: ['S1'], what: 'Values put into every other row, column, table and organization', reached: `${accepted} opened of ${tried}`, bound: '0', pass: accepted === 0 });
  });

  test('do not open with a bit flipped, cut to any length, or with another tag, nonce or key', (context) => {
    const key = randomBytes(32);
    const place = 'org|table|row|column|1';
    let tried = 0;
    let accepted = 0;
    const attempt = (bytes: Buffer, withKey = key) => {
      tried += 1;
      accepted += opened(() => unseal(withKey, bytes.toString('base64url'), place)) ? 1 : 0;
    };
    for (let round = 0; round < scaled(5, 200); round += 1) {
      const right = Buffer.from(seal(key, randomBytes(1 + (round % 40)), place), 'base64url');
      expect(opened(() => unseal(key, right.toString('base64url'), place))).toBe(true);
      for (let bit = 0; bit < right.length * 8; bit += 1) {
        const flipped = Buffer.from(right);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        attempt(flipped);
      }
      for (let length = 0; length < right.length; length += 1) attempt(right.subarray(0, length));
      // Node takes a shorter tag where it is not told the length.
      for (let tag = 0; tag < 16; tag += 1) attempt(Buffer.concat([right.subarray(0, 12 + tag), right.subarray(28)]));
      for (let more = 1; more <= 4; more += 1) attempt(Buffer.concat([right, Buffer.alloc(more)]));
      attempt(Buffer.concat([right.subarray(0, 12), Buffer.alloc(16), right.subarray(28)]));
      attempt(Buffer.concat([Buffer.alloc(12), right.subarray(12)]));
      attempt(right, randomBytes(32));
    }
    figure(context, { requirements: ['S1'], what: 'Sealed bytes with a bit flipped, cut, lengthened, with a shorter tag or another key', reached: `${accepted} opened of ${tried}`, bound: '0', pass: accepted === 0 && tried > 1_000 });
  });

  test('of the platform do not open for another purpose or under the name of another key', (context) => {
    const keys = [{ id: 'k1', key: randomBytes(32) }, { id: 'k0', key: randomBytes(32) }];
    const vault = createVault(keys);
    const purposes = ['mail', 'session', 'organization_keys|a|1', 'organization_keys|a|2', 'organization_keys|b|1', 'idempotency_keys|x|y', ''];
    let tried = 0;
    let accepted = 0;
    for (const purpose of purposes) {
      const sealed = vault.sealPlatform(purpose, 'the secret');
      expect(vault.openPlatform(purpose, sealed)).toBe('the secret');
      for (const other of purposes.filter((each) => each !== purpose)) {
        tried += 1;
        accepted += opened(() => vault.openPlatform(other, sealed)) ? 1 : 0;
      }
      for (const renamed of [sealed.replace('p1.k1', 'p1.k0'), sealed.replace('p1.k1', 'p1.k9'), sealed.replace('p1.', 'd1.'), sealed.replace('p1.', ''), `${sealed}.x`.replace('.k1.', '..')]) {
        tried += 1;
        accepted += opened(() => vault.openPlatform(purpose, renamed)) ? 1 : 0;
      }
    }
    figure(context, { requirements: ['S1'], what: 'Platform secrets opened for another purpose or under another key id', reached: `${accepted} opened of ${tried}`, bound: '0', pass: accepted === 0 });
  });
});

test('S2: no nonce comes twice', { timeout: 120_000 }, (context) => {
  const key = randomBytes(32);
  const count = scaled(20_000, 100_000);
  const nonces = new Set<string>();
  for (let round = 0; round < count; round += 1) nonces.add(seal(key, Buffer.from('x'), 'context').slice(0, 16));
  figure(context, { requirements: ['S2'], what: 'Nonces that came twice', reached: `${count - nonces.size} of ${count}`, bound: '0', pass: nonces.size === count });
});
