import { notify } from '@/db/platform/notify';
import { done, type SagaDefinition, type Step } from '@/lib/sagas/definition';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import { recordState } from '../stored-deployments';
import { loadServiceTarget, noticing, railwayOf, type ServiceTarget } from './target';

/** Removes the app at Railway with everything that runs; its history stays here. */
const remove: Step<ServiceTarget> = {
  key: 'remove',
  async run(run) {
    const { service } = run.target;
    if (service.railway_service_id !== null) await railwayOf(run).deleteService(service.railway_service_id);
    return done(async (tx) => {
      const { organizationId, projectId } = run.saga;
      await tx.query('update services set removed_at = clock_timestamp(), url = null where organization_id = $1 and id = $2', [organizationId, service.id]);
      const ended = await tx.query<{ id: string }>(
        `update deployments set status = 'REMOVED', can_redeploy = false, can_rollback = false, finished_at = coalesce(finished_at, clock_timestamp())
          where organization_id = $1 and service_id = $2 and status not in ('FAILED', 'REMOVED', 'SKIPPED') returning id`,
        [organizationId, service.id],
      );
      for (const { id } of ended) await recordState(tx, organizationId, id, 'REMOVED');
      await audit(run.ctx, tx, { organizationId, action: 'service.removed', target: { kind: 'deployment', id: service.public_id, name: `${service.source} in ${service.environment}` } });
      await emitEvent(run.ctx, tx, { organizationId, type: 'deployment.removed', data: { project_id: service.project_public_id, environment: service.environment } });
      await notify(tx, { kind: 'project', organization_id: organizationId, project_id: projectId });
    });
  },
};

/** Stuck leaves the app running at Railway, and the button to remove it where it was. */
export const removeService: SagaDefinition<ServiceTarget> = { kind: 'remove-service', steps: [noticing(remove)], onGiveUp: 'stuck', load: loadServiceTarget };
