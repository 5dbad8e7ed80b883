import { doors, families } from '@/app/api/_routes/doors';
import { deploymentSagas } from '@/lib/deployments/sagas';
import { deploymentTasks } from '@/lib/deployments/tasks';
import { probedApi } from '@/lib/http/probed-api';
import { projectSagas } from '@/lib/projects/sagas';
import { projectTasks } from '@/lib/projects/tasks';
import { createTasks } from '@/lib/tasks';
import { proofTasks } from '@/lib/trust/proof/tasks';
import { webhookTasks } from '@/lib/webhooks/tasks';
import { testComposition } from '../support/api';
import type { RouteWorld } from './routes/route-world';

type Task = (payload: unknown) => Promise<void>;

/** They are given no id: most look by the clock for what is due, and a letter carries all that it needs. */
const nameNothing = new Set(['resume-sagas', 'reconcile', 'purge-projects', 'refresh-deployments', 'end-throw-aways', 'purge-stale', 'rotate-keys', 'send-mail']);

/** Every job of the worker that is told by ids what to do. `called` takes what would have gone to the endpoint of a webhook. */
export async function namingJobs({ studio, clouds }: RouteWorld, called: string[]): Promise<Map<string, Task>> {
  const ports = { ...studio.ports, ...clouds.ports };
  const composition = testComposition({ ...studio, organization: studio.newOrganization }, { SMTP_URL: 'smtp://127.0.0.1:9' }, clouds.ports);
  const api = probedApi(composition, doors, families);
  const tasks = {
    ...projectTasks(ports, { sagas: { ...projectSagas, ...deploymentSagas } }),
    ...deploymentTasks(ports),
    ...proofTasks(ports, api),
    ...webhookTasks(ports, (call) => {
      called.push(JSON.stringify(call));
      return Promise.resolve({ status: 200, error: null, durationMs: 1 });
    }),
  };
  const worker = await createTasks(composition, api);
  await worker.close();
  const forgotten = Object.keys(worker.taskList).filter((name) => !(name in tasks) && !nameNothing.has(name));
  if (forgotten.length > 0) throw new Error(`The worker has jobs that this test does not try: ${forgotten.join(', ')}. Add them in tests/isolation/ripe-jobs.ts.`);
  return new Map(Object.entries(tasks).filter(([name]) => !nameNothing.has(name)));
}

type Named = Record<string, string | number>;

/** One thing of an organization for each id that a job may be told. */
export async function idsForJobs({ studio }: RouteWorld, organization: string): Promise<Named> {
  const one = async (table: string, order = 'id desc') => {
    const [row] = await studio.raw<{ id: string }>(`select id from ${table} where organization_id = $1 order by ${order} limit 1`, [organization]);
    if (row === undefined) throw new Error(`the organization has nothing in ${table}`);
    return row.id;
  };
  return {
    // Of two projects: a saga cannot go on with an attempt that was abandoned.
    saga_id: await one('sagas', `kind = 'provision' desc, id desc`), attempt_id: await one('appwrite_projects', 'id'),
    key_id: await one('appwrite_keys'), service_id: await one('services'), deployment_id: await one('deployments'),
    delivery_id: await one('webhook_deliveries'), proof_id: await one('isolation_proofs'), attempt: 0,
  };
}

/**
 * Makes the things that are named wait for their jobs: a saga stands before a step, an attempt was abandoned, a key is to
 * go, a delivery is due, a proof was asked for. The next restore takes it back, and until then it is no change.
 */
export async function ripen({ studio, kept }: RouteWorld, { saga_id, attempt_id, key_id, delivery_id, proof_id }: Named): Promise<void> {
  await studio.raw(`update sagas set state = 'running', leased_until = null, deadline_at = now() + interval '1 hour' where id = $1`, [saga_id]);
  await studio.raw(`update saga_steps set state = 'waiting' where saga_id = $1 and key = 'health'`, [saga_id]);
  await studio.raw(`update appwrite_projects set state = 'abandoned' where id = $1`, [attempt_id]);
  await studio.raw(`update appwrite_keys set state = 'revoking' where id = $1`, [key_id]);
  await studio.raw(`update webhook_deliveries set state = 'pending', attempt = 0 where id = $1`, [delivery_id]);
  await studio.raw(`update isolation_proofs set state = 'queued', finished_at = null, signed_report = null where id = $1`, [proof_id]);
  await kept.overlook();
}
