import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { unreachable } from '@/lib/kernel/errors';

export interface AuditTarget {
  kind: 'user' | 'session' | 'organization' | 'member' | 'invitation' | 'project' | 'key' | 'platform' | 'api_key' | 'audit_log';
  /** The public id. */
  id: string | null;
  name: string | null;
}

export interface AuditEntry {
  /** `null` for what happens to an account outside any organization. */
  organizationId: string | null;
  /** Noun and verb in the past: `project.created`. */
  action: string;
  target: AuditTarget;
  outcome?: 'allowed' | 'denied';
  reason?: string;
  changes?: Record<string, { from: unknown; to: unknown }>;
  /** For sign-in, where the context does not know the user yet. */
  actor?: { userId: string; name: string };
}

/** Writes the log row in the transaction of the change, so that neither exists without the other. */
export async function audit(ctx: Ctx, tx: Tx, entry: AuditEntry): Promise<void> {
  const actor = entry.actor === undefined ? describe(ctx) : { kind: 'user', userId: entry.actor.userId, id: entry.actor.userId, name: entry.actor.name };
  await tx.query(
    `insert into audit_logs (organization_id, actor_kind, actor_user_id, actor_id, actor_name, action,
       target_kind, target_id, target_name, outcome, reason, ip, user_agent, request_id, changes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      entry.organizationId,
      actor.kind,
      actor.userId,
      actor.id,
      actor.name,
      entry.action,
      entry.target.kind,
      entry.target.id,
      entry.target.name,
      entry.outcome ?? 'allowed',
      entry.reason ?? null,
      ctx.ip,
      ctx.userAgent?.slice(0, 400) ?? null,
      ctx.requestId,
      entry.changes === undefined ? null : JSON.stringify(entry.changes),
    ],
  );
}

function describe(ctx: Ctx): { kind: string; userId: string | null; id: string | null; name: string } {
  const { actor } = ctx;
  switch (actor.kind) {
    case 'user':
      return { kind: 'user', userId: actor.userId, id: actor.userId, name: actor.name };
    case 'api_key':
      return { kind: 'api_key', userId: null, id: actor.keyId, name: actor.name };
    case 'system':
      return { kind: 'system', userId: null, id: actor.job, name: `Studio (${actor.job})` };
    case 'anonymous':
      return { kind: 'anonymous', userId: null, id: null, name: 'Somebody not signed in' };
    default:
      return unreachable(actor);
  }
}
