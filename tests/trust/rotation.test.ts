import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { withTenant } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { countKeys, type KeyUse } from '@/lib/trust/vault/count-keys';
import { demandKeys } from '@/lib/trust/vault/demand-keys';
import { rotateKeys } from '@/lib/trust/vault/rotate-keys';
import { organizationSealed, platformSealed } from '@/lib/trust/vault/sealed-columns';
import { createVault, dataKeyPurpose, type EncryptionKey, type Vault } from '@/lib/trust/vault/vault';
import { testStudio, type TestStudio } from '../support/context';

const [k1, k2, k3]: EncryptionKey[] = ['k1', 'k2', 'k3'].map((id) => ({ id, key: randomBytes(32) }));
if (k1 === undefined || k2 === undefined || k3 === undefined) throw new Error('three keys were made');

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());
afterEach(() => studio.raw('truncate organization_keys, appwrite_keys, appwrite_instances, idempotency_keys cascade'));

const place = (row: string) => ({ table: 'appwrite_keys', row, column: 'sealed_secret' });
const secretOf = (row: string) => `secret of ${row}`;

interface Stored {
  organization: string;
  rows: string[];
}

/** Organizations with one project each and secrets sealed under the vault's first key, past the verbs, because there are many. */
async function store(vault: Vault, organizations: number, secretsOfEach: number): Promise<Stored[]> {
  const person = await studio.person();
  const made: Stored[] = Array.from({ length: organizations }, () => ({ organization: newUuid(), rows: Array.from({ length: secretsOfEach }, () => newUuid()) }));
  const ids = made.map(({ organization }) => organization);
  const projects = ids.map(() => newUuid());
  await studio.raw(
    `insert into organizations (id, public_id, name, slug, created_by) select id, public_id, 'Acme', 's-' || id, $3 from unnest($1::uuid[], $2::text[]) t(id, public_id)`,
    [ids, ids.map(() => newPublicId('organization')), person.id],
  );
  const keys = ids.map((id) => vault.sealPlatform(dataKeyPurpose(id, 1), randomBytes(32).toString('base64')));
  await studio.raw('insert into organization_keys (organization_id, version, sealed_key) select id, 1, key from unnest($1::uuid[], $2::text[]) t(id, key)', [ids, keys]);
  if (secretsOfEach === 0) return made;
  await studio.raw(
    `insert into projects (organization_id, id, public_id, name, framework) select org, id, public_id, 'Shop', 'node' from unnest($1::uuid[], $2::uuid[], $3::text[]) t(org, id, public_id)`,
    [ids, projects, ids.map(() => newPublicId('project'))],
  );
  await studio.raw(`insert into platform_databases (organization_id, id, public_id, project_id, kind) select org, id, 'pdb_' || id, id, 'appwrite' from unnest($1::uuid[], $2::uuid[]) t(org, id)`, [ids, projects]);
  await studio.raw(
    `insert into appwrite_projects (organization_id, id, project_id, platform_database_id, attempt, appwrite_project_id) select org, id, id, id, 1, 'aw' || id from unnest($1::uuid[], $2::uuid[]) t(org, id)`,
    [ids, projects],
  );
  for (const [index, { organization, rows }] of made.entries()) {
    const sealed = await inside(organization, async (tx) => {
      const values: string[] = [];
      for (const row of rows) values.push(await vault.seal(tx, organization, place(row), secretOf(row)));
      return values;
    });
    await studio.raw(
      `insert into appwrite_keys (organization_id, id, public_id, project_id, appwrite_project_row_id, appwrite_key_id, name, purpose, scopes, state, sealed_secret)
       select $1, id, 'awk_' || id, $2, $2, id::text, 'Key', 'user', '{}', 'live', sealed from unnest($3::uuid[], $4::text[]) t(id, sealed)`,
      [organization, projects[index], rows, sealed],
    );
  }
  return made;
}

function inside<Result>(organizationId: string, work: Parameters<typeof withTenant<Result>>[3]): Promise<Result> {
  return withTenant(studio.database, { organizationId, userId: null }, {}, work);
}

const rotation = (vault: Vault, changes: Partial<Ctx> = {}) => studio.ctx({ kind: 'system', job: 'rotation' }, { vault, ...changes });

/** Reads a value as `exportEnv` does: the row first, its data key after. */
async function read(vault: Vault, { organization }: Stored, row: string): Promise<string> {
  return inside(organization, async (tx) => {
    const [found] = await tx.query<{ sealed_secret: string }>('select sealed_secret from appwrite_keys where organization_id = $1 and id = $2', [organization, row]);
    return vault.open(tx, organization, place(row), found?.sealed_secret ?? 'gone');
  });
}

async function readAll(vault: Vault, stored: readonly Stored[]): Promise<number> {
  let opened = 0;
  for (const { organization, rows } of stored) {
    await inside(organization, async (tx) => {
      const found = await tx.query<{ id: string; sealed_secret: string }>('select id, sealed_secret from appwrite_keys where organization_id = $1', [organization]);
      expect(found).toHaveLength(rows.length);
      for (const { id, sealed_secret: sealed } of found) {
        expect(await vault.open(tx, organization, place(id), sealed)).toBe(secretOf(id));
        opened += 1;
      }
    });
  }
  return opened;
}

function usesOf(uses: readonly KeyUse[], heldIn: KeyUse['held_in']): Record<string, number> {
  return Object.fromEntries(uses.filter(({ held_in: each }) => each === heldIn).map(({ key_id: id, rows }) => [id, rows]));
}

/** Stands for the death of the process: transactions break off where it happens. */
class Killed extends Error {}

function dyingVault(vault: Vault, actsLeft: number): Vault {
  let left = actsLeft;
  const act = () => {
    left -= 1;
    if (left < 0) throw new Killed();
  };
  return {
    ...vault,
    async renewDataKeys(tx, organizationId) {
      act();
      const renewed = await vault.renewDataKeys(tx, organizationId);
      act();
      return renewed;
    },
    async seal(tx, organizationId, where, plaintext) {
      act();
      return vault.seal(tx, organizationId, where, plaintext);
    },
  };
}

async function runUntilKilled(vault: Vault, actsLeft: number): Promise<boolean> {
  let dead = false;
  const log = { ...studio.ctx({ kind: 'anonymous' }).log, error: (fields: object) => { if ('err' in fields && fields.err instanceof Killed) { dead = true; throw fields.err; } } };
  await rotateKeys(rotation(dyingVault(vault, actsLeft), { log }), { restSeconds: 1 }).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  return dead;
}

describe('S3: exchanging the key of keys', () => {
  it('seals 4,000 data keys and 6,000 secrets anew under reading traffic, killed 20 times, and no read fails', { timeout: 300_000 }, async () => {
    const old = createVault([k1]);
    const both = createVault([k2, k1]);
    const many = await store(old, 3_900, 0);
    const few = await store(old, 100, 60);
    let [reads, failed, stop] = [0, 0, false];
    const traffic = Array.from({ length: 2 }, async () => {
      while (!stop) {
        const stored = few[Math.floor(Math.random() * few.length)];
        const row = stored?.rows[Math.floor(Math.random() * stored.rows.length)];
        if (stored === undefined || row === undefined) throw new Error('there is something to read');
        // A process of its own each time: nothing is remembered.
        const seen = await read(createVault([k2, k1]), stored, row).catch(() => 'failed');
        reads += 1;
        if (seen !== secretOf(row)) failed += 1;
        await sleep(3);
      }
    });
    const began = performance.now();
    let kills = 0;
    for (let round = 0; round < 20; round += 1) kills += Number(await runUntilKilled(both, Math.floor(Math.random() * 400)));
    const [first, second] = await Promise.all([rotateKeys(rotation(both), { restSeconds: 1 }), rotateKeys(rotation(both), { restSeconds: 1 })]);
    await expect.poll(async () => {
      await rotateKeys(rotation(both), { restSeconds: 1 });
      return (await countKeys(rotation(both))).retired_data_keys;
    }, { timeout: 120_000, interval: 500 }).toBe(0);
    const seconds = (performance.now() - began) / 1_000;
    stop = true;
    await Promise.all(traffic);
    const { uses } = await countKeys(rotation(both));
    expect(usesOf(uses, 'organization_keys')).toEqual({ k2: 4_000 });
    expect(failed).toBe(0);
    expect(kills).toBe(20);
    expect(first.data_keys + second.data_keys).toBeGreaterThan(0);
    const alone = createVault([k2]);
    await demandKeys(rotation(alone));
    expect(await readAll(alone, few)).toBe(6_000);
    const versions = await studio.raw<{ version: string }>(`select distinct split_part(sealed_secret, '.', 2) as version from appwrite_keys`);
    expect(versions).toEqual([{ version: '2' }]);
    for (const { organization } of many.slice(0, 50)) await inside(organization, async (tx) => expect(await alone.seal(tx, organization, place(newUuid()), 'x')).toMatch(/^d1\.2\./));
    console.info(`rotation: 4,000 data keys and 6,000 values in ${seconds.toFixed(1)} s (${Math.round(10_000 / seconds)} rows/s) with ${kills} kills; ${reads} reads meanwhile, ${failed} failed; rows on the old key: 0`);
  });

  it('keeps what is sealed with the former data key while that key is being retired', async () => {
    const [stored] = await store(createVault([k1]), 1, 1);
    if (stored === undefined) throw new Error('one organization was stored');
    const both = createVault([k2, k1]);
    const [row = ''] = stored.rows;
    // A writer that read the data key before the rotation and commits after it.
    let release = () => undefined as void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const writing = inside(stored.organization, async (tx) => {
      const sealed = await createVault([k1, k2]).seal(tx, stored.organization, place(row), 'written late');
      await held;
      await tx.query('update appwrite_keys set sealed_secret = $3 where organization_id = $1 and id = $2', [stored.organization, row, sealed]);
    });
    await sleep(100);
    await rotateKeys(rotation(both), { restSeconds: 0 });
    await rotateKeys(rotation(both), { restSeconds: 0 });
    expect((await countKeys(rotation(both))).retired_data_keys).toBe(1);
    release();
    await writing;
    expect(await read(createVault([k2]), stored, row)).toBe('written late');
    await rotateKeys(rotation(both), { restSeconds: 0 });
    await rotateKeys(rotation(both), { restSeconds: 0 });
    expect((await countKeys(rotation(both))).retired_data_keys).toBe(0);
    expect(await read(createVault([k2]), stored, row)).toBe('written late');
  });

  it('leaves an organization whose key cannot be opened, says so, and finishes the others', async () => {
    const stored = await store(createVault([k1]), 3, 1);
    const [broken] = await store(createVault([k3]), 1, 0);
    const report = await rotateKeys(rotation(createVault([k2, k1])));
    expect(report).toMatchObject({ data_keys: 3, values: 3, left: 1 });
    expect(studio.lines.some(({ message, fields }) => message === 'could not rotate the keys of an organization' && fields['organization'] === broken?.organization)).toBe(true);
    expect(await readAll(createVault([k2]), stored)).toBe(3);
  });

  it('does nothing when everything is under the first key', async () => {
    await store(createVault([k2]), 2, 1);
    expect(await rotateKeys(rotation(createVault([k2, k1])))).toEqual({ data_keys: 0, values: 0, destroyed: 0, left: 0 });
  });
});

describe('the count of what each key holds', () => {
  it('names every place, those that run out by themselves too', async () => {
    const [old, both] = [createVault([k1]), createVault([k2, k1])];
    const [stored] = await store(old, 1, 0);
    await studio.raw(`insert into appwrite_instances (public_id, endpoint, public_endpoint, sealed_session) values ('awi_1', 'http://a', 'http://a', $1)`, [old.sealPlatform('session', 'x')]);
    await studio.raw(`insert into idempotency_keys (owner_id, key, request_hash, sealed_response, expires_at) values ($1, 'a', 'h', $2, now() + interval '1 hour'), ($1, 'b', 'h', $2, now() - interval '1 hour')`, [newUuid(), old.sealPlatform('answer', 'x')]);
    await studio.raw(`select graphile_worker.add_job('send-mail', json_build_object('sealed', $1::text))`, [both.sealPlatform('mail', 'x')]);
    const { uses, retired_data_keys: retired } = await countKeys(rotation(both));
    expect(stored?.rows).toEqual([]);
    expect(uses).toEqual([
      { held_in: 'appwrite_instances', key_id: 'k1', rows: 1 },
      { held_in: 'idempotency_keys', key_id: 'k1', rows: 1 },
      { held_in: 'mail', key_id: 'k2', rows: 1 },
      { held_in: 'organization_keys', key_id: 'k1', rows: 1 },
    ]);
    expect(retired).toBe(0);
    await studio.raw('delete from graphile_worker._private_jobs');
  });

  it('knows every sealed column that the catalog has', async () => {
    const found = await studio.raw(`select table_name as table, column_name as column from information_schema.columns where table_schema = 'public' and column_name like '%sealed%' order by 1, 2`);
    const listed = [...platformSealed, ...organizationSealed].map(({ table, column }) => ({ table, column })).sort((a, b) => a.table.localeCompare(b.table));
    expect(found).toEqual(listed);
  });
});

describe('a start without the right keys', () => {
  const refusal = (keys: EncryptionKey[]) => demandKeys(rotation(createVault(keys))).then(() => 'started', (error: unknown) => (error instanceof Error ? error.message : 'failed'));

  it('is refused while data keys are sealed under a key that is not listed', async () => {
    await store(createVault([k1]), 3, 0);
    expect(await refusal([k2])).toMatch(/3 values in organization_keys are sealed under the key k1, which is not listed\. List it again, last/);
    expect(await refusal([k2, k1])).toBe('started');
  });

  it('is refused when another key bears the same id', async () => {
    await store(createVault([k1]), 1, 0);
    expect(await refusal([{ id: 'k1', key: randomBytes(32) }])).toContain('The key listed as k1 is not the one that sealed the data keys');
  });

  it('is refused while answers are kept under it, and told how long; a stored Appwrite session is no reason', async () => {
    const old = createVault([k1]);
    await studio.raw(`insert into idempotency_keys (owner_id, key, request_hash, sealed_response, expires_at) values ($1, 'a', 'h', $2, now() + interval '1 hour')`, [newUuid(), old.sealPlatform('answer', 'x')]);
    await studio.raw(`insert into appwrite_instances (public_id, endpoint, public_endpoint, sealed_session) values ('awi_1', 'http://a', 'http://a', $1)`, [old.sealPlatform('session', 'x')]);
    expect(await refusal([k2])).toMatch(/1 values in idempotency_keys .* run out within 24 hours/);
    await studio.raw('delete from idempotency_keys');
    expect(await refusal([k2])).toBe('started');
  });
});
