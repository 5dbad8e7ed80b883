import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTenant } from '@/db/platform/client';
import { newUuid } from '@/lib/kernel/ids';
import { createVault, type Place } from '@/lib/trust/vault/vault';
import { testStudio, type TestStudio } from '../support/context';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

const place: Place = { table: 'appwrite_keys', row: newUuid(), column: 'sealed_secret' };

test('each organization has a key of its own, and a value opens in its own place alone', async () => {
  const owner = await studio.person();
  const [acme, beta] = [await studio.organization(owner), await studio.organization(owner)];
  const { vault } = owner.ctx;
  const inside = <Result>(organizationId: string, work: Parameters<typeof withTenant<Result>>[3]) => withTenant(studio.database, { organizationId, userId: owner.id }, {}, work);
  const sealed = await inside(acme.rowId, (tx) => vault.seal(tx, acme.rowId, place, 'the secret'));
  expect(sealed).not.toContain('secret');
  expect(await inside(acme.rowId, (tx) => vault.open(tx, acme.rowId, place, sealed))).toBe('the secret');
  const elsewhere: [string, string, Place][] = [
    ['another organization', beta.rowId, place],
    ['another row', acme.rowId, { ...place, row: newUuid() }],
    ['another column', acme.rowId, { ...place, column: 'name' }],
    ['another table', acme.rowId, { ...place, table: 'projects' }],
  ];
  for (const [name, organizationId, other] of elsewhere) {
    await expect(inside(organizationId, (tx) => vault.open(tx, organizationId, other, sealed)), name).rejects.toThrow(/authenticate/);
  }
  await expect(inside(acme.rowId, (tx) => vault.open(tx, acme.rowId, place, sealed.replace('d1.1', 'd1.2')))).rejects.toThrow('data key is gone');
});

test('the rows alone open nothing: without the key of the environment a dump stays shut', async () => {
  const owner = await studio.person();
  const acme = await studio.organization(owner);
  const scope = { organizationId: acme.rowId, userId: owner.id };
  const sealed = await withTenant(studio.database, scope, {}, (tx) => owner.ctx.vault.seal(tx, acme.rowId, place, 'the secret'));
  const thief = createVault([{ id: 'test', key: randomBytes(32) }]);
  await expect(withTenant(studio.database, scope, {}, (tx) => thief.open(tx, acme.rowId, place, sealed))).rejects.toThrow(/authenticate/);
});

test('a data key of one organization cannot be put in the place of another one', async () => {
  const owner = await studio.person();
  const [acme, beta] = [await studio.organization(owner), await studio.organization(owner)];
  await studio.raw('update organization_keys k set sealed_key = (select sealed_key from organization_keys where organization_id = $2) where organization_id = $1', [acme.rowId, beta.rowId]);
  await expect(withTenant(studio.database, { organizationId: acme.rowId, userId: owner.id }, {}, (tx) => owner.ctx.vault.seal(tx, acme.rowId, place, 'x'))).rejects.toThrow(/authenticate/);
});
