import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { actorId } from '@/lib/kernel/actor';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import type { SagaKind } from './definition';
import { schedule } from './store';

/** Step keys in order and how long each saga may go on trying; the steps themselves are in `definitions.ts`. */
export const sagaPlans = {
  provision: { steps: ['reserve', 'create', 'health', 'key', 'platform', 'ready'], deadlineMs: 30 * 60_000 },
  silence: { steps: ['silence'], deadlineMs: 60 * 60_000 },
  restore: { steps: ['unsilence', 'ready'], deadlineMs: 30 * 60_000 },
  rename: { steps: ['rename'], deadlineMs: 30 * 60_000 },
  purge: { steps: ['apps', 'delete', 'gone', 'tombstone'], deadlineMs: 6 * 60 * 60_000 },
  deploy: { steps: ['target', 'environment', 'service', 'variables', 'configure', 'domain', 'source', 'deploy', 'follow'], deadlineMs: 2 * 60 * 60_000 },
  rollback: { steps: ['roll-back', 'settle', 'current-key', 'restart-with-key', 'follow'], deadlineMs: 2 * 60 * 60_000 },
  'remove-service': { steps: ['remove'], deadlineMs: 6 * 60 * 60_000 },
} as const satisfies Record<SagaKind, { steps: readonly string[]; deadlineMs: number }>;

interface NewSaga {
  organizationId: string;
  projectId: string;
  serviceId?: string;
  kind: SagaKind;
  input?: Record<string, unknown>;
}

/**
 * Writes a saga, its steps and its job in the transaction of the change that wants it. A project has one open
 * saga at a time, and so has each of its services: a second one is a `conflict`.
 */
export async function startSaga(ctx: Ctx, tx: TenantTx, { organizationId, projectId, serviceId, kind, input = {} }: NewSaga): Promise<string> {
  const id = newUuid(ctx.clock.now().getTime());
  const { steps, deadlineMs } = sagaPlans[kind];
  await Promise.all([
    tx.query(
      `insert into sagas (organization_id, id, public_id, kind, project_id, service_id, input, deadline_at, requested_by)
       values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8::float8 * interval '1 millisecond', $9)`,
      [organizationId, id, newPublicId('saga'), kind, projectId, serviceId ?? null, JSON.stringify(input), deadlineMs, JSON.stringify(requester(ctx))],
    ),
    tx.query(
      `insert into saga_steps (organization_id, saga_id, key, position)
       select $1, $2, key, position from unnest($3::text[]) with ordinality as step (key, position)`,
      [organizationId, id, steps],
    ),
    schedule(tx, id),
    notify(tx, { kind: 'saga', organization_id: organizationId, project_id: projectId }),
  ]);
  return id;
}

function requester({ actor }: Ctx): Record<string, unknown> {
  return { kind: actor.kind, id: actor.kind === 'system' ? actor.job : actorId(actor) };
}
