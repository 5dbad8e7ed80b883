import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, instant, plainOrder, updatedAt } from './columns';
import { organizations } from './identity';

export const projects = tenantTable(
  'projects',
  {
    publicId: text('public_id').notNull().unique(),
    name: text('name').notNull(),
    /** The name as lists sort it: a column, for a policy lets no function near an index. */
    nameOrder: plainOrder('name_order').generatedAlwaysAs(sql`lower(name)`),
    framework: text('framework').notNull(),
    hostname: text('hostname'),
    status: text('status').notNull().default('requested'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    readyAt: instant('ready_at'),
    deletedAt: instant('deleted_at'),
    deletedBy: uuid('deleted_by'),
    restorableUntil: instant('restorable_until'),
    purgedAt: instant('purged_at'),
  },
  (t) => [
    foreignKey({
      name: 'projects_organization_fk',
      columns: [t.organizationId],
      foreignColumns: [organizations.id],
    }).onDelete('restrict'),
    check(
      'projects_status_check',
      sql`${t.status} in ('requested', 'provisioning', 'ready', 'stuck', 'failed', 'deleting', 'deleted', 'restoring', 'purging', 'purged')`,
    ),
    check('projects_name_check', sql`length(${t.name}) between 1 and 100`),
    index('projects_name_idx').on(t.organizationId, t.nameOrder, t.id),
  ],
);

export const toProject = (table: string, columns: Parameters<typeof foreignKey>[0]['columns']) =>
  foreignKey({
    name: `${table}_project_fk`,
    columns,
    foreignColumns: [projects.organizationId, projects.id],
  }).onDelete('restrict');

/** Which kind of backend a project has. Other kinds get a mapping table of their own beside `appwrite_projects`. */
export const platformDatabases = tenantTable(
  'platform_databases',
  {
    publicId: text('public_id').notNull().unique(),
    projectId: uuid('project_id').notNull(),
    kind: text('kind').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    toProject('platform_databases', [t.organizationId, t.projectId]),
    unique('platform_databases_project_key').on(t.organizationId, t.projectId),
    check('platform_databases_kind_check', sql`${t.kind} in ('appwrite', 'postgres', 'external')`),
  ],
);

/** The Appwrite servers that projects are placed on. */
export const appwriteInstances = pgTable(
  'appwrite_instances',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    publicId: text('public_id').notNull().unique(),
    endpoint: text('endpoint').notNull().unique(),
    publicEndpoint: text('public_endpoint').notNull(),
    isolation: text('isolation').notNull().default('namespace'),
    capacity: integer('capacity').notNull().default(64),
    placed: integer('placed').notNull().default(0),
    drainingSince: instant('draining_since'),
    /** The console session, sealed under the platform's own key. */
    sealedSession: text('sealed_session'),
    createdAt: createdAt(),
  },
  (t) => [
    check('appwrite_instances_isolation_check', sql`${t.isolation} in ('namespace', 'shared')`),
    check('appwrite_instances_placed_check', sql`${t.placed} >= 0`),
  ],
);

/** One Appwrite team for each organization on each instance. */
export const appwriteTeams = tenantTable(
  'appwrite_teams',
  {
    instanceId: uuid('instance_id')
      .notNull()
      .references(() => appwriteInstances.id, { onDelete: 'restrict' }),
    teamId: text('team_id').notNull().unique(),
    createdAt: createdAt(),
    confirmedAt: instant('confirmed_at'),
  },
  (t) => [unique('appwrite_teams_instance_key').on(t.organizationId, t.instanceId)],
);

/** One row for each attempt: an id that Appwrite may have half made is abandoned, never used again. */
export const appwriteProjects = tenantTable(
  'appwrite_projects',
  {
    projectId: uuid('project_id').notNull(),
    platformDatabaseId: uuid('platform_database_id').notNull(),
    /** Null until the attempt is placed, which waits for an instance with room. */
    instanceId: uuid('instance_id').references(() => appwriteInstances.id, { onDelete: 'restrict' }),
    attempt: integer('attempt').notNull(),
    appwriteProjectId: text('appwrite_project_id').notNull().unique(),
    state: text('state').notNull().default('chosen'),
    createdAt: createdAt(),
    liveAt: instant('live_at'),
    abandonedAt: instant('abandoned_at'),
    /** When Appwrite was seen without it, which gives its place on the instance back. */
    deletedAt: instant('deleted_at'),
    /** Set while a live project does not answer at Appwrite. */
    unhealthySince: instant('unhealthy_since'),
  },
  (t) => [
    toProject('appwrite_projects', [t.organizationId, t.projectId]),
    foreignKey({
      name: 'appwrite_projects_platform_database_fk',
      columns: [t.organizationId, t.platformDatabaseId],
      foreignColumns: [platformDatabases.organizationId, platformDatabases.id],
    }).onDelete('restrict'),
    unique('appwrite_projects_attempt_key').on(t.organizationId, t.projectId, t.attempt),
    uniqueIndex('appwrite_projects_current_key')
      .on(t.organizationId, t.projectId)
      .where(sql`state in ('chosen', 'live')`),
    check('appwrite_projects_state_check', sql`${t.state} in ('chosen', 'live', 'abandoned', 'deleted')`),
    check('appwrite_projects_placed_check', sql`${t.state} <> 'live' or ${t.instanceId} is not null`),
  ],
);

/**
 * Appwrite projects of our teams that no attempt of ours names. They stay here for a day at least before
 * anything is deleted, and leave when they turn out to be known after all.
 */
export const appwriteStrays = pgTable(
  'appwrite_strays',
  {
    id: uuid('id').primaryKey().default(sql`uuidv7()`),
    instanceId: uuid('instance_id')
      .notNull()
      .references(() => appwriteInstances.id, { onDelete: 'restrict' }),
    appwriteProjectId: text('appwrite_project_id').notNull(),
    teamId: text('team_id').notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    clearedAt: instant('cleared_at'),
    deletedAt: instant('deleted_at'),
  },
  (t) => [unique('appwrite_strays_project_key').on(t.instanceId, t.appwriteProjectId)],
);

/** Where an app of a project runs, with variables and a key of its own. That of production is made with its first variable. */
export const environments = tenantTable(
  'environments',
  {
    projectId: uuid('project_id').notNull(),
    /** Known by its name inside the project, also outside. */
    name: text('name').notNull(),
    /** Counts every change of the variables. */
    manifestVersion: integer('manifest_version').notNull().default(0),
    createdAt: createdAt(),
  },
  (t) => [
    toProject('environments', [t.organizationId, t.projectId]),
    unique('environments_name_key').on(t.organizationId, t.projectId, t.name),
    check('environments_name_check', sql`${t.name} in ('production', 'staging', 'preview')`),
  ],
);

/** Project keys that Appwrite issued. The secret is sealed under the organization's data key. */
export const appwriteKeys = tenantTable(
  'appwrite_keys',
  {
    publicId: text('public_id').notNull().unique(),
    projectId: uuid('project_id').notNull(),
    appwriteProjectRowId: uuid('appwrite_project_row_id').notNull(),
    /** Chosen by us and stored before the call, so that a lost answer is found again. */
    appwriteKeyId: text('appwrite_key_id').notNull().unique(),
    name: text('name').notNull(),
    purpose: text('purpose').notNull(),
    /** Whose variables carry it; null for production's, which every project has, and for keys of people. */
    environmentId: uuid('environment_id'),
    scopes: text('scopes').array().notNull(),
    state: text('state').notNull().default('requested'),
    sealedSecret: text('sealed_secret'),
    lastFour: text('last_four'),
    expiresAt: instant('expires_at'),
    /** Set by a rotation: the moment from which the key is revoked by itself. */
    retireAt: instant('retire_at'),
    replacedBy: uuid('replaced_by'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    revokedAt: instant('revoked_at'),
    revokedBy: uuid('revoked_by'),
  },
  (t) => [
    toProject('appwrite_keys', [t.organizationId, t.projectId]),
    foreignKey({
      name: 'appwrite_keys_appwrite_project_fk',
      columns: [t.organizationId, t.appwriteProjectRowId],
      foreignColumns: [appwriteProjects.organizationId, appwriteProjects.id],
    }).onDelete('restrict'),
    foreignKey({
      name: 'appwrite_keys_environment_fk',
      columns: [t.organizationId, t.environmentId],
      foreignColumns: [environments.organizationId, environments.id],
    }).onDelete('restrict'),
    index('appwrite_keys_project_idx').on(t.organizationId, t.projectId, t.createdAt),
    check('appwrite_keys_purpose_check', sql`${t.purpose} in ('env', 'user')`),
    check('appwrite_keys_environment_check', sql`${t.environmentId} is null or ${t.purpose} = 'env'`),
    check('appwrite_keys_state_check', sql`${t.state} in ('requested', 'live', 'revoking', 'revoked', 'failed')`),
  ],
);
