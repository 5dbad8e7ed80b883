import { railwayFailureOf, type Railway, type RailwayDeployment } from '@/lib/adapters/railway/port';
import { lookAgainMs } from '@/lib/sagas/backoff';
import { done, type Step, type StepRun } from '@/lib/sagas/definition';
import { LeaseLost } from '@/lib/sagas/store';
import { cancelledReason, failureReason } from '../failure-reason';
import { keepLogs } from '../log/keep-logs';
import { looked, recordListed } from '../record-listed';
import { getDeploymentById, isUnderWay, isUp, recordSeen } from '../stored-deployments';
import { lockServiceById } from '../service/stored-service';
import { placeOf, railwayOf, type DeployTarget } from './target';

type Run = StepRun<DeployTarget>;

/** Looks until the deployment has ended one way or the other, and keeps its lines. */
export function follow(key: 'follow' | 'settle'): Step<DeployTarget> {
  return {
    key,
    async run(run) {
      const { deployment, service } = run.target;
      const railwayId = deployment.railway_deployment_id;
      if (railwayId === null) throw new Error('the deployment at Railway was not kept');
      const railway = railwayOf(run);
      const seen = await railway.getDeployment(railwayId);
      const place = { organizationId: run.saga.organizationId, projectId: run.saga.projectId, id: deployment.id };
      const underWay = isUnderWay(seen.status);
      if (underWay && deployment.cancel_requested) await cancel(railway, railwayId);
      if (underWay) return { kind: 'pending', reason: waitingReason(seen), afterMs: lookAgainMs(run.runningMs), record: (tx) => recordSeen(tx, place, seen) };
      const kept = keepLogs(run.ctx, railway, { organizationId: run.saga.organizationId, deploymentId: deployment.id, railwayId }).catch((error: unknown) => note(run, error, 'its lines could not be kept'));
      if (!isUp(seen.status)) {
        await kept;
        // Somebody may have cancelled it since this look began.
        const now = await run.write(async (tx) => {
          await recordSeen(tx, place, seen);
          return getDeploymentById(tx, place.organizationId, place.id);
        });
        return { kind: 'give-up', reason: now.cancel_requested && seen.status === 'REMOVED' ? cancelledReason : failureReason(seen.status) };
      }
      const others = lookAtOthers(run, railway).catch((error: unknown) => note(run, error, 'the ones before it could not be looked at'));
      await Promise.all([kept, others]);
      // With its address, in the transaction that ends the step: an app that is up and has none would be half a truth.
      return done(async (tx) => {
        await recordSeen(tx, place, seen);
        // Whoever wanted it to end was too late, and what comes next is not meant.
        if (deployment.cancel_requested) await tx.query('update deployments set cancel_requested_at = null where organization_id = $1 and id = $2', [place.organizationId, place.id]);
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

/** The one before leaves when the next one answers, what can be gone back to changes, and others may have begun at Railway. */
async function lookAtOthers(run: Run, railway: Railway): Promise<void> {
  const { service, deployment } = run.target;
  const deployments = await railway.listDeployments({ ...placeOf(run.target), limit: looked });
  const { organizationId } = run.saga;
  await run.write(async (tx) => {
    const now = await lockServiceById(tx, organizationId, service.id);
    await recordListed(run.ctx, tx, { organizationId, service: now, deployments, except: deployment.railway_deployment_id });
  });
}

/** It may have come to its end in the moment in which it was to be cancelled. */
async function cancel(railway: Railway, railwayId: string): Promise<void> {
  try {
    await railway.cancel(railwayId);
  } catch (error) {
    if (railwayFailureOf(error)?.kind !== 'refused') throw error;
  }
}

function waitingReason({ status }: RailwayDeployment): string {
  if (status === 'NEEDS_APPROVAL') return 'Railway waits for somebody to approve it in its dashboard.';
  if (status === 'BUILDING') return 'Railway is building it.';
  if (status === 'DEPLOYING') return 'Railway is starting it.';
  return 'Railway has it in its queue.';
}
