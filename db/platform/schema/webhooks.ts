import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, text, unique, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, instant, updatedAt } from './columns';

/** An address outside that an organization wants to be called on events. The secrets are sealed under its data key. */
export const webhooks = tenantTable(
  'webhooks',
  {
    publicId: text('public_id').notNull().unique(),
    url: text('url').notNull(),
    description: text('description'),
    events: text('events').array().notNull(),
    sealedSecret: text('sealed_secret').notNull(),
    /** Signs beside the other one until `previous_until`. */
    sealedPreviousSecret: text('sealed_previous_secret'),
    previousUntil: instant('previous_until'),
    /** Since when every attempt failed, and when the latest of them did. */
    failingSince: instant('failing_since'),
    lastFailedAt: instant('last_failed_at'),
    disabledAt: instant('disabled_at'),
    disabledReason: text('disabled_reason'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    check('webhooks_disabled_check', sql`(${t.disabledAt} is null) = (${t.disabledReason} is null)`),
    check('webhooks_disabled_reason_check', sql`${t.disabledReason} in ('switched_off', 'failing', 'gone')`),
  ],
);

/** One event for one webhook, with how its attempts went. The receiver knows it by the event's id, also when it is sent again. */
export const webhookDeliveries = tenantTable(
  'webhook_deliveries',
  {
    webhookId: uuid('webhook_id').notNull(),
    eventId: text('event_id').notNull(),
    type: text('type').notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    state: text('state').notNull().default('pending'),
    /** How many attempts were made since it was last set going. */
    attempt: integer('attempt').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at'),
    lastAttemptAt: instant('last_attempt_at'),
    lastStatus: integer('last_status'),
    /** Why the latest attempt failed, in words for a person. */
    lastError: text('last_error'),
    lastDurationMs: integer('last_duration_ms'),
    deliveredAt: instant('delivered_at'),
    createdAt: createdAt(),
  },
  (t) => [
    foreignKey({
      name: 'webhook_deliveries_webhook_fk',
      columns: [t.organizationId, t.webhookId],
      foreignColumns: [webhooks.organizationId, webhooks.id],
    }).onDelete('restrict'),
    unique('webhook_deliveries_event_key').on(t.organizationId, t.webhookId, t.eventId),
    index('webhook_deliveries_webhook_idx').on(t.organizationId, t.webhookId, t.id.desc()),
    index('webhook_deliveries_age_idx').on(t.createdAt),
    check('webhook_deliveries_state_check', sql`${t.state} in ('pending', 'delivered', 'failed', 'disabled')`),
  ],
);
