import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getProjectRow } from '@/lib/projects/internal';
import { stepNames } from '@/lib/sagas/names';
import { DeploymentDetail } from './schemas';
import { getDeploymentRow, toDeploymentView } from './stored-deployments';

interface StepRow {
  key: string;
  state: string;
  attempt: number;
  reason: string | null;
  started_at: Date | null;
  finished_at: Date | null;
}

/** One deployment with Studio's steps and Railway's states. */
export async function getDeployment(ctx: Ctx, project: string, deployment: string): Promise<DeploymentDetail> {
  return within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { organizationId } = access;
    const { id: projectId } = await getProjectRow(tx, access, project);
    const row = await getDeploymentRow(tx, access, projectId, deployment);
    const steps = await tx.query<StepRow>(
      `select t.key, t.state, t.attempt, t.reason, t.started_at, t.finished_at from saga_steps t
         join sagas s on s.organization_id = t.organization_id and s.id = t.saga_id
        where s.organization_id = $1 and s.service_id = $2 and s.input->>'deployment_id' = $3 order by t.position`,
      [organizationId, row.service_id, row.id],
    );
    const states = await tx.query<{ status: string; at: Date }>('select status, at from deployment_states where organization_id = $1 and deployment_id = $2 order by id', [organizationId, row.id]);
    return DeploymentDetail.parse({
      ...toDeploymentView(row),
      steps: steps.map(({ started_at: startedAt, finished_at: finishedAt, ...step }) => ({
        ...step,
        name: stepNames[step.key] ?? step.key,
        started_at: startedAt?.toISOString() ?? null,
        finished_at: finishedAt?.toISOString() ?? null,
      })),
      states: states.map(({ status, at }) => ({ status, at: at.toISOString() })),
    });
  });
}
