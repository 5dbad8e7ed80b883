import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { each } from '@/lib/kernel/each';
import { schedule } from '@/lib/sagas/store';
import { startSaga } from '@/lib/sagas/start';

/** Longer than any lease; a pause between attempts is written down and looked at by itself. */
const idleSeconds = 15;
const atOnce = 200;

/**
 * Open sagas that nobody works on and nothing is scheduled for: their job was lost, or taken by a worker that stands
 * still, so it is asked for again. One that only waits for its turn keeps it, because jobs go by the time they are given.
 */
export async function resumeLostSagas(ctx: Ctx): Promise<number> {
  const lost = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<{ organization_id: string; id: string; created_at: Date }>(
      `select s.organization_id, s.id, s.created_at from sagas s
        where s.state in ('running', 'undoing') and s.created_at < now() - $1 * interval '1 second'
          and (s.leased_until is null or s.leased_until < now() - $1 * interval '1 second')
          and not exists (select from saga_steps t where t.organization_id = s.organization_id and t.saga_id = s.id
                            and t.next_attempt_at > now() - $1 * interval '1 second')
        order by s.created_at limit $2`,
      [idleSeconds, atOnce],
    ),
  );
  return each(ctx, 'resume a saga', lost, ({ organization_id: organizationId, id, created_at: runAt }) =>
    within(ctx, { organizationId }, 'project:update', (tx) => schedule(tx, id, { runAt })),
  );
}

/** How long a saga rests that is stuck and that nobody can retry by a button. */
const restMinutes = 30;

/**
 * Silencing and purging have no button: a deleted project whose keys still work, or whose data is still there,
 * is taken up again until it is done.
 */
export async function restartStuckSagas(ctx: Ctx): Promise<number> {
  const stuck = await asSystem(ctx, 'reconcile', (tx) =>
    tx.query<{ organization_id: string; project_id: string; kind: 'silence' | 'purge' }>(
      `select s.organization_id, s.project_id, s.kind from sagas s
         join projects p on p.organization_id = s.organization_id and p.id = s.project_id
        where s.state = 'stuck' and s.finished_at < now() - $1 * interval '1 minute'
          and (s.kind = 'silence' and p.status = 'deleted' or s.kind = 'purge' and p.status = 'purging')
          and not exists (select from sagas n where n.organization_id = s.organization_id and n.project_id = s.project_id and n.service_id is null and n.id > s.id)
        limit $2`,
      [restMinutes, atOnce],
    ),
  );
  return each(ctx, 'start a stuck saga again', stuck, async ({ organization_id: organizationId, project_id: projectId, kind }) => {
    await within(ctx, { organizationId }, 'project:update', (tx) => startSaga(ctx, tx, { organizationId, projectId, kind }));
  });
}
