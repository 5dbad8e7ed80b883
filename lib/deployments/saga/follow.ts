import type { Railway, RailwayDeployment } from '@/lib/adapters/railway/port';
import { done, type Step, type StepRun } from '@/lib/sagas/definition';
import { LeaseLost } from '@/lib/sagas/store';
import { keepLogs } from '../log/keep-logs';
import { isMoving, recordSeen } from '../stored-deployments';
import { placeOf, railwayOf, type DeployTarget } from './target';

type Run = StepRun<DeployTarget>;

/** Railway counts every request, so what takes long is looked at seldom. */
export function pauseMs(runningMs: number): number {
  if (runningMs < 5_000) return 500;
  // Longer than a worker waits with its hands full: others come in between.
  if (runningMs < 30_000) return 2_500;
  return runningMs < 180_000 ? 5_000 : 15_000;
}

/** Looks until the deployment has ended one way or the other, and keeps its lines. */
export function follow(key: 'follow' | 'settle'): Step<DeployTarget> {
  return {
    key,
    async run(run) {
      const { deployment, service } = run.target;
      const railwayId = deployment.railway_deployment_id;
      if (railwayId === null) throw new Error('the deployment at Railway was not kept');
      const railway = await railwayOf(run);
      const seen = await railway.getDeployment(railwayId);
      const place = { organizationId: run.saga.organizationId, projectId: run.saga.projectId, id: deployment.id };
      const moving = isMoving(seen.status) || seen.status === 'NEEDS_APPROVAL';
      if (moving) {
        await run.write((tx) => recordSeen(tx, place, seen));
        return { kind: 'wait', reason: waitingReason(seen), afterMs: pauseMs(run.runningMs), counted: false };
      }
      await keepLogs(run.ctx, railway, { organizationId: run.saga.organizationId, deploymentId: deployment.id, railwayId }).catch((error: unknown) => note(run, error, 'its lines could not be kept'));
      if (seen.status !== 'SUCCESS' && seen.status !== 'SLEEPING') {
        await run.write((tx) => recordSeen(tx, place, seen));
        return { kind: 'give-up', reason: failureReason(seen) };
      }
      await lookAtOthers(run, railway).catch((error: unknown) => note(run, error, 'the ones before it could not be looked at'));
      // With its address, in the transaction that ends the step: an app that is up and has none would be half a truth.
      return done(async (tx) => {
        await recordSeen(tx, place, seen);
        await tx.query('update services set url = coalesce($3, url) where organization_id = $1 and id = $2', [place.organizationId, service.id, seen.url]);
      });
    },
  };
}

/** The deployment is what it is, whatever else cannot be written down about it. */
function note(run: Run, error: unknown, what: string): void {
  if (error instanceof LeaseLost) throw error;
  run.ctx.log.warn({ err: error, deployment: run.target.deployment.public_id }, what);
}

/** The one before leaves when the next one answers, and what can be gone back to changes. */
async function lookAtOthers(run: Run, railway: Railway): Promise<void> {
  const { organizationId, projectId } = run.saga;
  const listed = await railway.listDeployments({ ...placeOf(run.target), limit: 20 });
  await run.write(async (tx) => {
    const known = await tx.query<{ id: string; railway_deployment_id: string }>(
      'select id, railway_deployment_id from deployments where organization_id = $1 and service_id = $2 and railway_deployment_id = any($3)',
      [organizationId, run.target.service.id, listed.map(({ id }) => id)],
    );
    for (const seen of listed) {
      if (seen.id === run.target.deployment.railway_deployment_id) continue;
      const row = known.find(({ railway_deployment_id: id }) => id === seen.id);
      if (row !== undefined) await recordSeen(tx, { organizationId, projectId, id: row.id }, seen);
    }
  });
}

function waitingReason({ status }: RailwayDeployment): string {
  if (status === 'NEEDS_APPROVAL') return 'Railway waits for somebody to approve it in its dashboard.';
  if (status === 'BUILDING') return 'Railway is building it.';
  if (status === 'DEPLOYING') return 'Railway is starting it.';
  return 'Railway has it in its queue.';
}

function failureReason({ status }: RailwayDeployment): string {
  switch (status) {
    case 'CRASHED':
      return 'The app ended soon after its start, again and again. Look at its runtime log.';
    case 'REMOVED':
    case 'REMOVING':
      return 'It was removed at Railway before it was up.';
    case 'SKIPPED':
      return 'Railway skipped it, because nothing that it watches has changed.';
    default:
      return 'Railway could not build or start it. The build log says where it ended; an app that never answers on PORT ends here too.';
  }
}
