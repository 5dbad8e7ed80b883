import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, integer, jsonb, pgTable, text, uniqueIndex, unique, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { bytea, createdAt, instant, plainOrder, updatedAt } from './columns';

export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    publicId: text('public_id').notNull().unique(),
    email: text('email').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    avatarUrl: text('avatar_url'),
    emailVerifiedAt: instant('email_verified_at'),
    disabledAt: instant('disabled_at'),
    /** Made by a proof of isolation, and removed with it. */
    throwAway: boolean('throw_away').notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex('users_email_key').on(sql`lower(${t.email})`)],
);

/** Apart from `users`, so that the runtime role can be refused the hashes altogether. */
export const userCredentials = pgTable('user_credentials', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'restrict' }),
  passwordHash: text('password_hash').notNull(),
  updatedAt: updatedAt(),
});

export const userSessions = pgTable(
  'user_sessions',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    publicId: text('public_id').notNull().unique(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'restrict' }),
    tokenHash: bytea('token_hash').notNull().unique(),
    /** When the current token was given out; the one before it stands for some seconds more. */
    rotatedAt: instant('rotated_at').notNull().defaultNow(),
    previousTokenHash: bytea('previous_token_hash').unique(),
    createdAt: createdAt(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    /** Moved on by use, never past `expires_at`. */
    idleExpiresAt: instant('idle_expires_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    steppedUpAt: instant('stepped_up_at'),
    revokedAt: instant('revoked_at'),
    ip: text('ip'),
    userAgent: text('user_agent'),
  },
  (t) => [index('user_sessions_user_idx').on(t.userId, t.createdAt)],
);

export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'restrict' }),
    purpose: text('purpose').notNull(),
    tokenHash: bytea('token_hash').notNull().unique(),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
    consumedAt: instant('consumed_at'),
    /** What a registration wants, kept with its own link until that link is used: name and password hash. */
    registration: jsonb('registration').$type<{ first_name: string; last_name: string; password_hash: string }>(),
    /** Hash of the browser that asked; in that browser the link needs no password. */
    browserHash: bytea('browser_hash'),
  },
  (t) => [
    index('one_time_tokens_user_idx').on(t.userId, t.purpose),
    check('one_time_tokens_purpose_check', sql`${t.purpose} in ('verify_email', 'reset_password')`),
  ],
);

export const organizations = pgTable(
  'organizations',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    publicId: text('public_id').notNull().unique(),
    name: text('name').notNull(),
    slug: text('slug').notNull().unique(),
    subdomain: text('subdomain').unique(),
    status: text('status').notNull().default('active'),
    subscriptionTier: text('subscription_tier').notNull().default('free'),
    /** Made by a proof of isolation, and removed with it. */
    throwAway: boolean('throw_away').notNull().default(false),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => users.id, { onDelete: 'restrict' }),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [check('organizations_status_check', sql`${t.status} in ('active', 'suspended')`)],
);

const toOrganization = (table: string, column: Parameters<typeof foreignKey>[0]['columns'][0]) =>
  foreignKey({ name: `${table}_organization_fk`, columns: [column], foreignColumns: [organizations.id] }).onDelete(
    'restrict',
  );

/** The organization's data keys, each sealed under the key-encryption key of the environment. */
export const organizationKeys = tenantTable(
  'organization_keys',
  {
    version: integer('version').notNull(),
    sealedKey: text('sealed_key').notNull(),
    createdAt: createdAt(),
    retiredAt: instant('retired_at'),
  },
  (t) => [
    toOrganization('organization_keys', t.organizationId),
    unique('organization_keys_version_key').on(t.organizationId, t.version),
  ],
);

export const memberships = tenantTable(
  'memberships',
  {
    publicId: text('public_id').notNull().unique(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'restrict' }),
    role: text('role').notNull(),
    /** The role as lists sort it, by what it may do; a column, for a policy lets no function near an index. */
    roleOrder: plainOrder('role_order').generatedAlwaysAs(sql`array_position(array['owner', 'admin', 'developer', 'viewer', 'billing'], role)::text`),
    /** Raised by every change of rights; answers kept in a cache carry it in their key. */
    version: integer('version').notNull().default(1),
    invitedBy: uuid('invited_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    toOrganization('memberships', t.organizationId),
    unique('memberships_user_key').on(t.organizationId, t.userId),
    index('memberships_user_idx').on(t.userId),
    index('memberships_role_idx').on(t.organizationId, t.roleOrder, t.id),
    check('memberships_role_check', sql`${t.role} in ('owner', 'admin', 'developer', 'viewer', 'billing')`),
  ],
);

export const invitations = tenantTable(
  'invitations',
  {
    publicId: text('public_id').notNull().unique(),
    email: text('email').notNull(),
    role: text('role').notNull(),
    tokenHash: bytea('token_hash').notNull().unique(),
    invitedBy: uuid('invited_by').notNull(),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
    acceptedAt: instant('accepted_at'),
    acceptedBy: uuid('accepted_by'),
    revokedAt: instant('revoked_at'),
    revokedBy: uuid('revoked_by'),
  },
  (t) => [
    toOrganization('invitations', t.organizationId),
    uniqueIndex('invitations_open_key')
      .on(t.organizationId, sql`lower(${t.email})`)
      .where(sql`accepted_at is null and revoked_at is null`),
    check('invitations_role_check', sql`${t.role} in ('owner', 'admin', 'developer', 'viewer', 'billing')`),
  ],
);

/** Studio's own keys (`stu_…`), not Appwrite's. Only the hash is kept. */
export const apiKeys = tenantTable(
  'api_keys',
  {
    publicId: text('public_id').notNull().unique(),
    projectId: uuid('project_id'),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    lastFour: text('last_four').notNull(),
    keyHash: bytea('key_hash').notNull().unique(),
    scopes: text('scopes').array().notNull(),
    createdBy: uuid('created_by').notNull(),
    createdAt: createdAt(),
    expiresAt: instant('expires_at'),
    lastUsedAt: instant('last_used_at'),
    revokedAt: instant('revoked_at'),
    revokedBy: uuid('revoked_by'),
  },
  (t) => [toOrganization('api_keys', t.organizationId), index('api_keys_created_idx').on(t.organizationId, t.createdAt)],
);

/** Plans are the same for everyone and readable by everyone. `limits` maps a counted thing to its most, null for no limit. */
export const plans = pgTable('plans', {
  key: text('key').primaryKey(),
  name: text('name').notNull(),
  limits: jsonb('limits').$type<Record<string, number | null>>().notNull(),
  position: integer('position').notNull(),
});

export const subscriptions = tenantTable(
  'subscriptions',
  {
    planKey: text('plan_key')
      .notNull()
      .references(() => plans.key, { onDelete: 'restrict' }),
    startedAt: instant('started_at').notNull().defaultNow(),
    endedAt: instant('ended_at'),
  },
  (t) => [
    toOrganization('subscriptions', t.organizationId),
    uniqueIndex('subscriptions_open_key')
      .on(t.organizationId)
      .where(sql`ended_at is null`),
  ],
);
