import { railwayFailureOf, type Railway } from '@/lib/adapters/railway/port';
import { done, type Step } from '@/lib/sagas/definition';
import { openConnectionIfAny } from '../connection/stored-connection';

/**
 * Takes down what a project has at Railway before the project itself goes for good. What people added to it there
 * themselves stays. Without a token that Railway accepts nothing can be removed, and that must not keep the data here.
 */
export const removeApps: Step<unknown> = {
  key: 'apps',
  async run(run) {
    const { organizationId, projectId } = run.saga;
    const { rows, token, railwayProjectId } = await run.write(async (tx) => {
      const services = await tx.query<{ id: string; railway_service_id: string | null }>(
        'select id, railway_service_id from services where organization_id = $1 and project_id = $2 and removed_at is null',
        [organizationId, projectId],
      );
      const [project] = await tx.query<{ railway_project_id: string | null }>('select railway_project_id from railway_projects where organization_id = $1 and project_id = $2', [organizationId, projectId]);
      const connection = await openConnectionIfAny(run.ctx, tx, organizationId);
      return { rows: services, token: connection?.token ?? null, railwayProjectId: project?.railway_project_id ?? null };
    });
    if (railwayProjectId === null) return { kind: 'skipped' };
    if (token === null) run.ctx.log.warn({ project: projectId, services: rows.length }, 'apps stay at Railway: the organization is not connected any more');
    else if (!(await takeDown(run.ctx.railway.withToken(token, { retrying: run.retrying }), railwayProjectId, rows.flatMap(({ railway_service_id: id }) => id ?? [])))) {
      run.ctx.log.warn({ project: projectId, services: rows.length }, 'apps may stay at Railway: it does not accept the token of the organization any more');
    }
    return done(async (tx) => {
      await tx.query('update services set removed_at = clock_timestamp(), url = null where organization_id = $1 and project_id = $2 and removed_at is null', [organizationId, projectId]);
      await tx.query(
        `update deployments set status = 'REMOVED', can_redeploy = false, can_rollback = false, finished_at = coalesce(finished_at, clock_timestamp())
          where organization_id = $1 and project_id = $2 and status not in ('FAILED', 'REMOVED', 'SKIPPED')`,
        [organizationId, projectId],
      );
    });
  },
};

/** False when the token is not accepted. */
async function takeDown(railway: Railway, projectId: string, serviceIds: readonly string[]): Promise<boolean> {
  try {
    for (const id of serviceIds) await railway.deleteService(id);
    const { services } = await railway.getProject(projectId);
    if (services.every(({ id }) => serviceIds.includes(id))) await railway.deleteProject(projectId);
    return true;
  } catch (error) {
    const kind = railwayFailureOf(error)?.kind;
    if (kind !== 'unauthorized' && kind !== 'not_found') throw error;
    return kind === 'not_found';
  }
}
