import type { TenantTx } from '@/db/platform/client';
import { publicIdFor } from '@/lib/kernel/ids';
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

/** Newest first. Ids are time-ordered, so the cursor is the id and the index alone gives the order. */
export function readAudit(tx: TenantTx, organizationId: string, filters: AuditFilters, { before, rows }: Slice): Promise<AuditRow[]> {
  const values: unknown[] = [organizationId];
  // Only what is asked for stands in the statement: with optional conditions one plan would have to serve them all.
  const and = (value: unknown, condition: (place: string) => string) => (value == null ? '' : `and ${condition(`$${values.push(value)}`)}`);
  const { actor, action, target, outcome, from, to } = filters;
  const wholeNoun = action !== undefined && !action.includes('.');
  return tx.query<AuditRow>(
    `select id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, outcome, reason, ip, user_agent, request_id, changes
       from audit_logs
      where organization_id = $1
        ${and(before, (place) => `id < ${place}`)}
        ${and(actor, (place) => `actor_id = ${place}`)}
        ${wholeNoun ? and(`${action}.`, (place) => `starts_with(action, ${place})`) : and(action, (place) => `action = ${place}`)}
        ${and(target, (place) => `target_id = ${place}`)}
        ${and(outcome, (place) => `outcome = ${place}`)}
        ${and(from, (place) => `at >= ${place}::timestamptz`)}
        ${and(to, (place) => `at < ${place}::timestamptz`)}
      order by id desc limit ${`$${values.push(rows)}`}`,
    values,
  );
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
