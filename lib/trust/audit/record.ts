import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Actor } from '@/lib/kernel/actor';
import { unreachable } from '@/lib/kernel/errors';
import type { Action, Attempt } from './actions';

export interface AuditTarget {
  kind: 'user' | 'session' | 'organization' | 'member' | 'invitation' | 'project' | 'key' | 'platform' | 'deployment' | 'railway' | 'api_key' | 'webhook' | 'audit_log' | 'isolation_proof';
  /** The public id. */
  id: string | null;
  name: string | null;
}

export interface AuditEntry {
  /** `null` for what happens to an account outside any organization. */
  organizationId: string | null;
  action: Action | Attempt;
  target: AuditTarget;
  outcome?: 'allowed' | 'denied';
  reason?: string;
  changes?: Record<string, { from: unknown; to: unknown }>;
  /** For sign-in, where the context does not know the user yet. */
  actor?: { userId: string; name: string };
}

/** Writes the log row in the transaction of the change, so that neither exists without the other. */
export async function audit(ctx: Ctx, tx: Tx, entry: AuditEntry): Promise<void> {
  const actor = entry.actor === undefined ? describe(ctx.actor) : userActor(entry.actor);
  await tx.query(
    `insert into audit_logs (organization_id, actor_kind, actor_user_id, actor_id, actor_name, action,
       target_kind, target_id, target_name, outcome, reason, ip, user_agent, request_id, changes)
     values ($1, $2, $3, ${publicIdOf[actor.kind]}, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
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

/**
 * The log keeps the public id of its actor as it was, so that an entry still tells who it was after the person
 * left and the row can no longer be seen. One expression for each kind: a system role may not read every table.
 */
const publicIdOf = {
  user: '(select public_id from users where id = $4::uuid)',
  api_key: '(select public_id from api_keys where organization_id = $1::uuid and id = $4::uuid)',
  system: '$4::text',
  anonymous: '$4::text',
} as const satisfies Record<Actor['kind'], string>;

interface Described {
  kind: Actor['kind'];
  userId: string | null;
  /** The row uuid of a person or key, the name of a job. */
  id: string | null;
  name: string;
}

function describe(actor: Actor): Described {
  switch (actor.kind) {
    case 'user':
      return userActor(actor);
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

function userActor({ userId, name }: { userId: string; name: string }): Described {
  return { kind: 'user', userId, id: userId, name };
}
