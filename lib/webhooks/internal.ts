import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { invalid, notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { WebhookView } from './schemas';
import { readTarget } from './transport/target';

export interface WebhookRow {
  id: string;
  public_id: string;
  url: string;
  description: string | null;
  events: string[];
  previous_until: Date | null;
  failing_since: Date | null;
  disabled_at: Date | null;
  disabled_reason: string | null;
  creator_id: string | null;
  creator_name: string | null;
  created_at: Date;
  updated_at: Date;
}

/** The sealed secrets are not among the columns, so no view can carry them. */
export const selectWebhooks = `select w.id, w.public_id, w.url, w.description, w.events, w.previous_until, w.failing_since, w.disabled_at, w.disabled_reason,
    w.created_at, w.updated_at, u.public_id as creator_id, u.first_name || ' ' || u.last_name as creator_name
  from webhooks w
  left join users u on u.id = w.created_by`;

/** Everything about a webhook but its secret. */
export function toWebhookView(row: WebhookRow, now: Date): WebhookView {
  return WebhookView.parse({
    id: row.public_id,
    url: row.url,
    description: row.description,
    events: row.events,
    enabled: row.disabled_at === null,
    disabled_at: row.disabled_at?.toISOString() ?? null,
    disabled_reason: row.disabled_reason,
    failing_since: row.failing_since?.toISOString() ?? null,
    previous_secret_until: row.previous_until !== null && row.previous_until > now ? row.previous_until.toISOString() : null,
    created_by: row.creator_id === null ? null : { id: row.creator_id, name: row.creator_name },
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  });
}

export async function getWebhookOrThrow(tx: TenantTx, organizationId: string, webhook: string): Promise<WebhookRow> {
  return find(tx, organizationId, webhook, '');
}

/** Locked until the transaction ends. Whoever changes a webhook and its deliveries takes this first, so that nobody waits in a circle. */
export async function lockWebhookOrThrow(tx: TenantTx, organizationId: string, webhook: string): Promise<WebhookRow> {
  return find(tx, organizationId, webhook, ' for no key update of w');
}

async function find(tx: TenantTx, organizationId: string, webhook: string, lock: string): Promise<WebhookRow> {
  if (!publicIdPattern('webhook').test(webhook)) throw notFound('webhook');
  const [row] = await tx.query<WebhookRow>(`${selectWebhooks} where w.organization_id = $1 and w.public_id = $2${lock}`, [organizationId, webhook]);
  if (row === undefined) throw notFound('webhook');
  return row;
}

/** The address as it is kept and called. */
export function demandTarget(ctx: Ctx, text: string): string {
  const target = readTarget(text, { loopback: ctx.loopbackWebhooks });
  if ('refusal' in target) throw invalid('/url', target.refusal);
  return target.url.href;
}

/** How logs, letters and the audit log name a webhook: a path or query may hold somebody's secret. */
export function nameOf({ url, description }: Pick<WebhookRow, 'url' | 'description'>): string {
  return description ?? new URL(url).host;
}

export function auditTarget(row: Pick<WebhookRow, 'public_id' | 'url' | 'description'>): { kind: 'webhook'; id: string; name: string } {
  return { kind: 'webhook', id: row.public_id, name: nameOf(row) };
}
