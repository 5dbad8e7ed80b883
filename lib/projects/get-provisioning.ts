import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getProjectRow } from './internal';
import { stepNames } from '@/lib/sagas/names';
import { ProvisioningView } from './schemas';

interface SagaRow {
  id: string;
  created_at: Date;
  finished_at: Date | null;
  error: { code: string; message: string } | null;
}

interface StepRow {
  key: string;
  state: string;
  attempt: number;
  started_at: Date | null;
  finished_at: Date | null;
  reason: string | null;
  next_attempt_at: Date | null;
}

/** How far the newest setting-up of a project has come, step by step. */
export async function getProvisioning(ctx: Ctx, project: string): Promise<ProvisioningView> {
  return within(ctx, { project }, 'project:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    const [saga] = await tx.query<SagaRow>(
      `select id, created_at, finished_at, error from sagas
        where organization_id = $1 and project_id = $2 and kind = 'provision' order by created_at desc, id desc limit 1`,
      [access.organizationId, row.id],
    );
    const steps = saga === undefined ? [] : await tx.query<StepRow>(
      `select key, state, attempt, started_at, finished_at, reason, next_attempt_at from saga_steps
        where organization_id = $1 and saga_id = $2 order by position`,
      [access.organizationId, saga.id],
    );
    return ProvisioningView.parse({
      status: row.status,
      steps: steps.map((step) => ({
        ...step,
        name: stepNames[step.key] ?? step.key,
        started_at: step.started_at?.toISOString() ?? null,
        finished_at: step.finished_at?.toISOString() ?? null,
        next_attempt_at: step.next_attempt_at?.toISOString() ?? null,
      })),
      started_at: saga?.created_at.toISOString() ?? null,
      finished_at: saga?.finished_at?.toISOString() ?? null,
      error: saga?.error ?? null,
    });
  });
}
