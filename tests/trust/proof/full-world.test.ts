import { afterAll, beforeAll, expect, it } from 'vitest';
import { doors, families } from '@/app/api/_routes/doors';
import { probedApi } from '@/lib/http/probed-api';
import { newPublicId } from '@/lib/kernel/ids';
import { runProof } from '@/lib/trust/proof/run-proof';
import { makeWorld, type World } from '../../isolation/world';
import { testComposition } from '../../support/api';
import { testStudio, type TestStudio } from '../../support/context';
import { withClient } from '../../support/postgres';

const named = [['organizations', 'id', 'organization'], ['projects', 'organization_id', 'project']] as const;

let studio: TestStudio;
let world: World;
beforeAll(async () => {
  studio = await testStudio();
  world = await withClient(studio.urls.ownerUrl, makeWorld);
});
afterAll(() => studio.close());

it('a proof copes with rows in every table, whatever they hold', async () => {
  // Keys of no vault would sign nothing.
  await studio.raw('delete from signing_keys');
  await studio.raw(`update webhook_deliveries set payload = '[1, {"a": null}]'`);
  await studio.raw(`update audit_logs set changes = '["x"]'`);
  // The world's rows carry any text; addresses take ids of Studio's own form.
  for (const [table, column, kind] of named) await studio.raw(`update ${table} set public_id = $1 where ${column} = $2 and public_id = (select max(public_id) from ${table} where ${column} = $2)`, [newPublicId(kind), world.a.organizationId]);
  const [proof] = await studio.raw<{ id: string }>('select id from isolation_proofs where organization_id = $1 and finished_at is null', [world.a.organizationId]);
  const ctx = studio.ctx({ kind: 'system', job: 'prover' });
  await runProof(ctx, { organizationId: world.a.organizationId, proofId: proof?.id ?? '' }, probedApi(testComposition(studio), doors, families));
  expect(studio.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(await studio.raw('select state, leaks from isolation_proofs where id = $1', [proof?.id])).toEqual([{ state: 'finished', leaks: 0 }]);
});
