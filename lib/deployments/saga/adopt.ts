import type { TenantTx } from '@/db/platform/client';
import type { Railway } from '@/lib/adapters/railway/port';
import type { StepRun } from '@/lib/sagas/definition';
import { looked } from '../record-listed';
import { placeOf, type DeployTarget } from './target';

type Run = StepRun<DeployTarget>;

/** Which deployments Railway had before it was asked for one: what is there afterwards and was not, is it. */
export async function noteEarlier(run: Run, railway: Railway): Promise<void> {
  if (run.target.before !== null) return;
  const before = await idsAtRailway(run, railway);
  await run.write((tx) => keepEarlier(tx, run, before));
}

/** How Railway's deployments of the service are called now. */
export async function idsAtRailway(run: Run, railway: Railway): Promise<string[]> {
  return (await railway.listDeployments({ ...placeOf(run.target), limit: looked })).map(({ id }) => id);
}

export async function keepEarlier(tx: TenantTx, { saga: { organizationId, id } }: Run, before: string[]): Promise<void> {
  await tx.query('update sagas set input = input || $3 where organization_id = $1 and id = $2', [organizationId, id, JSON.stringify({ before })]);
}

/** Null as long as nobody has noted what was there before: nothing can be told to be new then. */
export async function findNew(run: Run, railway: Railway): Promise<string | null> {
  if (run.target.before === null) return null;
  const before = new Set(run.target.before);
  const found = await railway.listDeployments({ ...placeOf(run.target), limit: looked });
  return found.find(({ id }) => !before.has(id))?.id ?? null;
}

export async function keepDeployment(tx: TenantTx, run: Run, id: string): Promise<void> {
  await tx.query(
    `update deployments set railway_deployment_id = $3,
        replaced_railway_ids = case when railway_deployment_id is null or railway_deployment_id = $3 then replaced_railway_ids else replaced_railway_ids || railway_deployment_id end
      where organization_id = $1 and id = $2`,
    [run.saga.organizationId, run.target.deployment.id, id],
  );
}
