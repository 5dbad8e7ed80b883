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
  const wholeNoun = filters.action !== undefined && !filters.action.includes('.');
  return tx.query<AuditRow>(
    `select id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, outcome, reason, ip, user_agent, request_id, changes
       from audit_logs
      where organization_id = $1
        and ($2::uuid is null or id < $2)
        and ($3::text is null or actor_id = $3)
        and ($4::text is null or action = $4)
        and ($5::text is null or starts_with(action, $5))
        and ($6::text is null or target_id = $6)
        and ($7::text is null or outcome = $7)
        and ($8::timestamptz is null or at >= $8)
        and ($9::timestamptz is null or at < $9)
      order by id desc limit $10`,
    [
      organizationId,
      before,
      filters.actor ?? null,
      wholeNoun ? null : (filters.action ?? null),
      wholeNoun ? `${filters.action}.` : null,
      filters.target ?? null,
      filters.outcome ?? null,
      filters.from === undefined ? null : new Date(filters.from),
      filters.to === undefined ? null : new Date(filters.to),
      rows,
    ],
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
