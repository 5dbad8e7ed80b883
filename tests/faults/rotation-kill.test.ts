import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { createVault, dataKeyPurpose } from '@/lib/trust/vault/vault';
import { testStudio, type TestStudio } from '../support/context';
import { startStudio, type RunningStudio } from '../support/studio';
import { waitFor } from '../support/wait-for';

const organizations = 5_000;
const old = { id: 'test', key: randomBytes(32) };
const next = { id: 'next', key: randomBytes(32) };
const text = ({ id, key }: typeof old) => `${id}:${key.toString('base64')}`;

let studio: TestStudio;
let processes: RunningStudio;

beforeAll(async () => {
  studio = await testStudio({ vaultKey: old.key });
  const vault = createVault([old]);
  const person = await studio.person();
  const ids = Array.from({ length: organizations }, () => newUuid());
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

it('a rotation goes on by itself when its worker is killed, again and again, and the old key can then be removed', async () => {
  await expect(processes.startWorker({ STUDIO_ENCRYPTION_KEYS: text(next) })).rejects.toThrow(/5000 values in organization_keys are sealed under the key test, which is not listed/);
  const seen = [await left()];
  for (let kill = 0; kill < 3; kill += 1) {
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
  await waitFor(async () => (await left()) === 0, { what: 'the rotation to end', withinMs: 120_000 });
  const seconds = (performance.now() - began) / 1_000;
  expect(await worker.stop()).toBe(0);
  const alone = await processes.startWorker({ STUDIO_ENCRYPTION_KEYS: text(next) });
  expect(await alone.stop()).toBe(0);
  console.info(`rotation by processes: ${seen.join(' → ')} left at each kill -9, the last ${seen.at(-1)} in ${seconds.toFixed(1)} s, start of the process included`);
});
