import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { createVault, dataKeyPurpose } from '@/lib/trust/vault/vault';
import { testStudio, type TestStudio } from '../support/context';
import { drawing } from '../support/drawing';
import { figure, proof, scaled } from '../support/figure';
import { startStudio, type RunningStudio } from '../support/studio';
import { waitFor } from '../support/wait-for';

const organizations = scaled(1_000, 100_000);
const kills = scaled(2, 20);
const ids = Array.from({ length: organizations }, () => newUuid());
const old = { id: 'test', key: randomBytes(32) };
const next = { id: 'next', key: randomBytes(32) };
const text = ({ id, key }: typeof old) => `${id}:${key.toString('base64')}`;

let studio: TestStudio;
let processes: RunningStudio;

beforeAll(async () => {
  studio = await testStudio({ vaultKey: old.key });
  const vault = createVault([old]);
  const person = await studio.person();
  await studio.raw(
    `insert into organizations (id, public_id, name, slug, created_by) select id, public_id, 'Acme', 's-' || id, $3 from unnest($1::uuid[], $2::text[]) t(id, public_id)`,
    [ids, ids.map(() => newPublicId('organization')), person.id],
  );
  await studio.raw('insert into organization_keys (organization_id, version, sealed_key) select id, 1, key from unnest($1::uuid[], $2::text[]) t(id, key)', [
    ids,
    ids.map((id) => vault.sealPlatform(dataKeyPurpose(id, 1), randomBytes(32).toString('base64'))),
  ]);
  processes = await startStudio({
    servers: 0,
    workers: 0,
    env: { STUDIO_URL: 'http://127.0.0.1:1', STUDIO_ENCRYPTION_KEYS: `${text(next)},${text(old)}`, DATABASE_URL: studio.urls.appUrl, DATABASE_JOBS_URL: studio.urls.jobsUrl },
  });
});
afterAll(async () => {
  await processes?.stop();
  await studio?.close();
});

async function left(): Promise<number> {
  const [row] = await studio.raw<{ left: number }>(`select count(*)::int as left from organization_keys where sealed_key not like 'p1.next.%'`);
  return row?.left ?? 0;
}

/** Reads values at random as a server does that knows both keys, until it is stopped. */
function readOn(): { stop(): Promise<{ reads: number; failed: number }> } {
  const vault = createVault([next, old]);
  const seen = { reads: 0, failed: 0 };
  const random = drawing(proof.seed);
  let running = true;
  async function readOne(): Promise<void> {
    const id = ids[Math.floor(random() * ids.length)] ?? '';
    const [row] = await studio.raw<{ sealed_key: string; version: number }>('select sealed_key, version from organization_keys where organization_id = $1 order by version desc limit 1', [id]);
    seen.reads += 1;
    try {
      if (row === undefined || Buffer.from(vault.openPlatform(dataKeyPurpose(id, row.version), row.sealed_key), 'base64').length !== 32) seen.failed += 1;
    } catch {
      seen.failed += 1;
    }
  }
  const reading = (async () => {
    while (running) {
      await readOne();
      await sleep(5);
    }
  })();
  return {
    async stop() {
      running = false;
      await reading;
      return seen;
    },
  };
}

it('a rotation goes on by itself when its worker is killed, again and again, and the old key can then be removed', { timeout: scaled(240_000, 2_400_000) }, async (context) => {
  await expect(processes.startWorker({ STUDIO_ENCRYPTION_KEYS: text(next) })).rejects.toThrow(new RegExp(`${organizations} values in organization_keys are sealed under the key test, which is not listed`));
  const seen = [await left()];
  const traffic = readOn();
  for (let kill = 0; kill < kills; kill += 1) {
    const worker = await processes.startWorker();
    const before = seen.at(-1) ?? 0;
    await waitFor(async () => (await left()) < before - 300, { what: 'some keys to be sealed anew', withinMs: 30_000, everyMs: 20 });
    await worker.kill();
    await sleep(50);
    seen.push(await left());
  }
  expect(seen.at(-1)).toBeGreaterThan(0);
  const began = performance.now();
  const worker = await processes.startWorker();
  await waitFor(async () => (await left()) === 0, { what: 'the rotation to end', withinMs: scaled(120_000, 2_000_000) });
  const seconds = (performance.now() - began) / 1_000;
  expect(await worker.stop()).toBe(0);
  const { reads, failed } = await traffic.stop();
  const alone = await processes.startWorker({ STUDIO_ENCRYPTION_KEYS: text(next) });
  expect(await alone.stop()).toBe(0);
  const rest = seen.at(-1) ?? 0;
  figure(context, {
    requirements: ['S3'],
    what: 'Rotation of the key of keys under reading traffic, its worker killed again and again',
    reached: `${organizations} rows, ${kills} kills, ${reads} reads of which ${failed} failed, ${await left()} rows on the old key, ${Math.round(rest / seconds)} rows/s`,
    bound: '0 failed reads, 0 rows on the old key',
    pass: failed === 0 && reads > 0 && (await left()) === 0,
  });
  console.info(`rotation by processes: ${seen.join(' → ')} left at each kill -9, the last ${seen.at(-1)} in ${seconds.toFixed(1)} s, start of the process included`);
});
