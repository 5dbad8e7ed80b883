import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, instant } from './columns';
import { organizations } from './identity';

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
    index('audit_logs_action_idx').on(t.organizationId, t.action, t.id.desc()),
    // Refusals are few, and whoever looks for them reads the whole log otherwise.
    index('audit_logs_denied_idx').on(t.organizationId, t.id.desc()).where(sql`outcome = 'denied'`),
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

/** A proof that an owner asked for: how far its probes are, and the signed report that it ended with. */
export const isolationProofs = tenantTable(
  'isolation_proofs',
  {
    publicId: text('public_id').notNull().unique(),
    state: text('state').notNull().default('queued'),
    requestedBy: uuid('requested_by'),
    createdAt: createdAt(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    /** Null until the first probe is made. */
    probesPlanned: integer('probes_planned'),
    probesMade: integer('probes_made').notNull().default(0),
    leaks: integer('leaks').notNull().default(0),
    /** Why it failed, in words for a person. */
    reason: text('reason'),
    /** A JSON Web Signature in its compact form; its payload is the report. */
    signedReport: text('signed_report'),
  },
  (t) => [
    foreignKey({ name: 'isolation_proofs_organization_fk', columns: [t.organizationId], foreignColumns: [organizations.id] }).onDelete('restrict'),
    uniqueIndex('isolation_proofs_open_key').on(t.organizationId).where(sql`finished_at is null`),
    check('isolation_proofs_state_check', sql`${t.state} in ('queued', 'running', 'finished', 'failed')`),
    check('isolation_proofs_report_check', sql`(${t.state} = 'finished') = (${t.signedReport} is not null)`),
  ],
);

/** Ed25519 keys of this installation. The newest one signs; all of them are published, so that old reports can be checked. */
export const signingKeys = pgTable('signing_keys', {
  /** The thumbprint of the public key (RFC 7638). */
  id: text('id').primaryKey(),
  publicKey: jsonb('public_key').$type<{ kty: string; crv: string; x: string }>().notNull(),
  sealedPrivateKey: text('sealed_private_key').notNull(),
  createdAt: createdAt(),
});
