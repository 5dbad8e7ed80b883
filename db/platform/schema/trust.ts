import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, instant } from './columns';

/**
 * Who did what. No foreign key: the log outlives what it names. A row without organization belongs to an
 * account (sign-in, password) and is seen by that user alone.
 */
export const auditLogs = pgTable(
  'audit_logs',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    organizationId: uuid('organization_id'),
    at: instant('at').notNull().default(sql`clock_timestamp()`),
    actorKind: text('actor_kind').notNull(),
    actorUserId: uuid('actor_user_id'),
    actorId: text('actor_id'),
    actorName: text('actor_name').notNull(),
    action: text('action').notNull(),
    targetKind: text('target_kind').notNull(),
    targetId: text('target_id'),
    targetName: text('target_name'),
    outcome: text('outcome').notNull(),
    reason: text('reason'),
    ip: text('ip'),
    userAgent: text('user_agent'),
    requestId: text('request_id').notNull(),
    changes: jsonb('changes').$type<Record<string, { from: unknown; to: unknown }>>(),
  },
  (t) => [
    index('audit_logs_organization_idx').on(t.organizationId, t.id.desc()),
    index('audit_logs_actor_idx').on(t.organizationId, t.actorId, t.id.desc()),
    index('audit_logs_target_idx').on(t.organizationId, t.targetId, t.id.desc()),
    index('audit_logs_account_idx').on(t.actorUserId, t.id.desc()).where(sql`organization_id is null`),
    check('audit_logs_outcome_check', sql`${t.outcome} in ('allowed', 'denied')`),
  ],
);

/** Answers to requests that carried an Idempotency-Key; the body is sealed because it can hold a secret. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    ownerId: uuid('owner_id').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    responseStatus: integer('response_status'),
    sealedResponse: text('sealed_response'),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [primaryKey({ name: 'idempotency_keys_pk', columns: [t.ownerId, t.key] }), index('idempotency_keys_expiry_idx').on(t.expiresAt)],
);
