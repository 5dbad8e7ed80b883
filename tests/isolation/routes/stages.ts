import type { Operation } from './operations';
import type { RouteWorld } from './route-world';

/** What must be the state of things for a route to do what it is for, where no world can hold all of them at once. */
const stages: Readonly<Record<string, string>> = {
  'POST /projects/{project}/restore': `update projects set status = 'deleted', deleted_at = now(), restorable_until = now() + interval '1 day'`,
  'POST /projects/{project}/retry': `update projects set status = 'failed'`,
  'POST /organizations/{organization}/webhooks/{webhook}/deliveries/{event}/replay': `update webhook_deliveries set state = 'delivered', next_attempt_at = null, delivered_at = now()`,
  // The version that the request says to have looked at.
  'POST /projects/{project}/drift/resolve': 'update environments set manifest_version = 0',
  'POST /projects/{project}/deployments/{deployment}/rollback': `update deployments set status = 'REMOVED', can_rollback = true`,
  'POST /projects/{project}/deployments/{deployment}/cancel': `update deployments set status = 'BUILDING', finished_at = null`,
};

/** Makes everybody's things ready for an operation, until the next restore; it is no change by whoever asks. */
export async function stage({ studio, kept }: RouteWorld, { name }: Operation): Promise<void> {
  const statement = stages[name];
  if (statement === undefined) return;
  await studio.raw(statement);
  await kept.overlook();
}
