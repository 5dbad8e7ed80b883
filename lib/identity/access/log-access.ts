import type { TenantScope } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { actorId } from '@/lib/kernel/actor';
import type { Right } from './policy';

/** The access log: one structured line for each tenant transaction, reads included, outside the database. */
export function logAccess(ctx: Ctx, scope: TenantScope, right: Right | 'invitation:accept' | 'organization:create', rows: number, startedMs: number): void {
  ctx.log.info(
    {
      access: right,
      actor_kind: ctx.actor.kind,
      actor: ctx.actor.kind === 'system' ? ctx.actor.job : actorId(ctx.actor),
      organization: scope.organizationId,
      rows,
      request_id: ctx.requestId,
      ms: Math.round((ctx.clock.monotonicMs() - startedMs) * 10) / 10,
    },
    'tenant access',
  );
}
