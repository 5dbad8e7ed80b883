import type { TenantTx } from '@/db/platform/client';
import { firstUuidAt, publicIdFor } from '@/lib/kernel/ids';
import { actionsOf } from './actions';
import { AuditEntryView, type AuditFilters } from './schemas';

export interface AuditRow {
  id: string;
  at: Date;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  action: string;
  target_kind: string;
  target_id: string | null;
  target_name: string | null;
  outcome: string;
  reason: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string;
  changes: unknown;
}

interface Slice {
  /** The uuid on which the slice before ended. */
  before: string | null;
  rows: number;
}

/**
 * Newest first. Ids are time-ordered, so the cursor is the id and the index alone gives the order: that of the indexes
 * has nulls last, and without these words they would not be taken for it, though an id is never null.
 */
export function readAudit(tx: TenantTx, organizationId: string, filters: AuditFilters, { before, rows }: Slice): Promise<AuditRow[]> {
  const values: unknown[] = [organizationId];
  // Only what is asked for stands in the statement: with optional conditions one plan would have to serve them all.
  const and = (value: unknown, condition: (place: string) => string) => (value == null ? '' : `and ${condition(`$${values.push(value)}`)}`);
  const { actor, action, target, outcome, from, to } = filters;
  const isNoun = action !== undefined && !action.includes('.');
  const newest = `order by id desc nulls last limit $${values.push(rows)}`;
  const page = `
    select id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, outcome, reason, ip, user_agent, request_id, changes
      from audit_logs
     where organization_id = $1
       ${and(before, (place) => `id < ${place}`)}
       ${and(actor, (place) => `actor_id = ${place}`)}
       ${isNoun ? 'and action = named.action' : and(action, (place) => `action = ${place}`)}
       ${and(target, (place) => `target_id = ${place}`)}
       ${outcome === undefined ? '' : outcomes[outcome]}
       ${and(from, (place) => merely(`at >= ${place}::timestamptz`))} ${and(idAround(from, -slackMs), (place) => `id >= ${place}`)}
       ${and(to, (place) => merely(`at < ${place}::timestamptz`))} ${and(idAround(to, slackMs), (place) => `id < ${place}`)}
     ${newest}`;
  // One page of each action, of which the newest are shown: an index gives the order within an action, not across several.
  const text = isNoun ? `select page.* from unnest($${values.push(actionsOf(action))}::text[]) named (action), lateral (${page}) page ${newest}` : page;
  return tx.query<AuditRow>(text, values);
}

/** Spelled out, because the index of refusals serves only a statement that names them. */
const outcomes = { allowed: `and outcome = 'allowed'`, denied: `and outcome = 'denied'` } as const;

/** An entry takes id and time from the same clock, a moment apart; this much more allows for a clock that was set meanwhile. */
const slackMs = 3_600_000;

/** A condition that the planner does not count on: with the same bound for ids beside it, it would expect next to nothing of what is left. */
const merely = (condition: string) => `case when ${condition} then true end`;

/** A bound for ids, which the index knows, beside the one for times, which it does not: without it a far day is searched for entry by entry. */
function idAround(moment: string | undefined, byMs: number): string | undefined {
  return moment === undefined ? undefined : firstUuidAt(new Date(moment).getTime() + byMs);
}

export function toAuditEntryView(row: AuditRow): AuditEntryView {
  return AuditEntryView.parse({
    id: publicIdFor('auditEntry', row.id),
    at: row.at.toISOString(),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
    outcome: row.outcome,
    reason: row.reason,
    ip: row.ip,
    user_agent: row.user_agent,
    request_id: row.request_id,
    changes: row.changes,
  });
}
