import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, integer, jsonb, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, instant, updatedAt } from './columns';
import { organizations } from './identity';
import { appwriteKeys, environments, toProject } from './projects';

/** The Railway account that an organization deploys with. The workspace is where its projects are made. */
export const railwayConnections = tenantTable(
  'railway_connections',
  {
    accountName: text('account_name').notNull(),
    workspaceId: text('workspace_id').notNull(),
    workspaceName: text('workspace_name').notNull(),
    sealedToken: text('sealed_token').notNull(),
    connectedBy: uuid('connected_by'),
    createdAt: createdAt(),
    /** Since when Railway does not accept the token any more. */
    refusedSince: instant('refused_since'),
  },
  (t) => [
    foreignKey({ name: 'railway_connections_organization_fk', columns: [t.organizationId], foreignColumns: [organizations.id] }).onDelete('restrict'),
    unique('railway_connections_key').on(t.organizationId, t.workspaceId),
  ],
);

/** The Railway project of a project. Its name is chosen and kept before the call, so that a lost answer is found again. */
export const railwayProjects = tenantTable(
  'railway_projects',
  {
    projectId: uuid('project_id').notNull(),
    workspaceId: text('workspace_id').notNull(),
    name: text('name').notNull(),
    railwayProjectId: text('railway_project_id'),
    /** Of the secret in the address that Railway calls when something happens there; null until somebody asks for one. */
    hookHash: text('hook_hash').unique(),
    /** Of that secret; null for one that was made before this was kept. */
    hookCreatedAt: instant('hook_created_at'),
    createdAt: createdAt(),
  },
  (t) => [
    toProject('railway_projects', [t.organizationId, t.projectId]),
    unique('railway_projects_project_key').on(t.organizationId, t.projectId),
  ],
);

/** The app of a project in one environment: where it comes from and how it runs. */
export const services = tenantTable(
  'services',
  {
    publicId: text('public_id').notNull().unique(),
    projectId: uuid('project_id').notNull(),
    /** Null once the environment is gone, which the app has left before. */
    environmentId: uuid('environment_id'),
    environment: text('environment').notNull(),
    sourceKind: text('source_kind').notNull(),
    /** `owner/name` of a repository, or the reference of an image. */
    source: text('source').notNull(),
    branch: text('branch'),
    rootDirectory: text('root_directory'),
    buildCommand: text('build_command'),
    startCommand: text('start_command'),
    healthcheckPath: text('healthcheck_path'),
    /** The name at Railway, chosen before the call as its project's is. */
    railwayName: text('railway_name').notNull(),
    railwayEnvironmentId: text('railway_environment_id'),
    railwayServiceId: text('railway_service_id'),
    /** What Railway was last told to take the app from; null until it was. */
    connectedSource: text('connected_source'),
    url: text('url'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** When it was removed at Railway; a removed one makes room for another. */
    removedAt: instant('removed_at'),
  },
  (t) => [
    toProject('services', [t.organizationId, t.projectId]),
    foreignKey({ name: 'services_environment_fk', columns: [t.organizationId, t.environmentId], foreignColumns: [environments.organizationId, environments.id] }).onDelete('restrict'),
    index('services_project_idx').on(t.organizationId, t.projectId),
    uniqueIndex('services_environment_key').on(t.organizationId, t.environmentId).where(sql`removed_at is null`),
    check('services_environment_check', sql`${t.environment} in ('production', 'staging', 'preview')`),
    check('services_home_check', sql`${t.environmentId} is not null or ${t.removedAt} is not null`),
    check('services_source_kind_check', sql`${t.sourceKind} in ('repository', 'image')`),
    check('services_branch_check', sql`(${t.branch} is not null) = (${t.sourceKind} = 'repository')`),
  ],
);

/** One try to bring a service up, with what was asked for and what became of it. */
export const deployments = tenantTable(
  'deployments',
  {
    publicId: text('public_id').notNull().unique(),
    projectId: uuid('project_id').notNull(),
    serviceId: uuid('service_id').notNull(),
    /** Counts the deployments of the service from 1. */
    number: integer('number').notNull(),
    /** `external` was begun at Railway itself, by a push for example. */
    kind: text('kind').notNull(),
    /** As Railway names its states; PREPARING until it has the deployment. */
    status: text('status').notNull().default('PREPARING'),
    /** Why it failed, in words for a person. */
    reason: text('reason'),
    /** As the service's were when it began: a later change of those is not its own. */
    sourceKind: text('source_kind').notNull(),
    source: text('source').notNull(),
    branch: text('branch'),
    rootDirectory: text('root_directory'),
    buildCommand: text('build_command'),
    startCommand: text('start_command'),
    healthcheckPath: text('healthcheck_path'),
    /** The commit that was asked for, and that Railway built once it says so. */
    commitSha: text('commit_sha'),
    manifestVersion: integer('manifest_version'),
    /** The key among the variables of its start. */
    appwriteKeyRowId: uuid('appwrite_key_row_id'),
    /** What a rollback goes back to, and a redeployment repeats. */
    ofDeploymentId: uuid('of_deployment_id'),
    railwayDeploymentId: text('railway_deployment_id'),
    /** Those that it began there before and replaced itself: none of them is another deployment. */
    replacedRailwayIds: text('replaced_railway_ids').array().notNull().default(sql`'{}'`),
    canRedeploy: boolean('can_redeploy').notNull().default(false),
    canRollback: boolean('can_rollback').notNull().default(false),
    stopped: boolean('stopped').notNull().default(false),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    /** When somebody wanted it to end before it was up. */
    cancelRequestedAt: instant('cancel_requested_at'),
    /** When Railway was last asked about it. */
    seenAt: instant('seen_at'),
    finishedAt: instant('finished_at'),
    /** When its last lines were kept here, so that they outlive it. */
    logsKeptAt: instant('logs_kept_at'),
    /** True when there were more than are kept. */
    logsCut: boolean('logs_cut').notNull().default(false),
  },
  (t) => [
    toProject('deployments', [t.organizationId, t.projectId]),
    foreignKey({ name: 'deployments_service_fk', columns: [t.organizationId, t.serviceId], foreignColumns: [services.organizationId, services.id] }).onDelete('restrict'),
    foreignKey({ name: 'deployments_appwrite_key_fk', columns: [t.organizationId, t.appwriteKeyRowId], foreignColumns: [appwriteKeys.organizationId, appwriteKeys.id] }).onDelete('restrict'),
    foreignKey({ name: 'deployments_of_deployment_fk', columns: [t.organizationId, t.ofDeploymentId], foreignColumns: [t.organizationId, t.id] }).onDelete('restrict'),
    unique('deployments_railway_key').on(t.organizationId, t.railwayDeploymentId),
    unique('deployments_number_key').on(t.organizationId, t.serviceId, t.number),
    index('deployments_project_idx').on(t.organizationId, t.projectId, t.id),
    index('deployments_key_idx').on(t.organizationId, t.appwriteKeyRowId),
    index('deployments_created_idx').on(t.organizationId, t.createdAt),
    index('deployments_seen_idx').on(t.seenAt).where(sql`railway_deployment_id is not null and status not in ('PREPARING', 'REMOVED', 'SKIPPED')`),
    check('deployments_source_kind_check', sql`${t.sourceKind} in ('repository', 'image')`),
    check('deployments_kind_check', sql`${t.kind} in ('deploy', 'redeploy', 'rollback', 'external')`),
    check(
      'deployments_status_check',
      sql`${t.status} in ('PREPARING', 'BUILDING', 'CRASHED', 'DEPLOYING', 'FAILED', 'INITIALIZING', 'NEEDS_APPROVAL', 'QUEUED', 'REMOVED', 'REMOVING', 'SKIPPED', 'SLEEPING', 'SUCCESS', 'WAITING')`,
    ),
  ],
);

const toDeployment = (table: string, columns: Parameters<typeof foreignKey>[0]['columns']) =>
  foreignKey({ name: `${table}_deployment_fk`, columns, foreignColumns: [deployments.organizationId, deployments.id] }).onDelete('restrict');

/** When a deployment entered which state. */
export const deploymentStates = tenantTable(
  'deployment_states',
  {
    deploymentId: uuid('deployment_id').notNull(),
    status: text('status').notNull(),
    at: instant('at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [toDeployment('deployment_states', [t.organizationId, t.deploymentId]), index('deployment_states_idx').on(t.organizationId, t.deploymentId, t.id)],
);

/** The last lines of a deployment, kept when it has ended, in pieces. `lines` is a list of `[timestamp, severity, message]`. */
export const deploymentLogs = tenantTable(
  'deployment_logs',
  {
    deploymentId: uuid('deployment_id').notNull(),
    kind: text('kind').notNull(),
    position: integer('position').notNull(),
    lines: jsonb('lines').$type<[string, string | null, string][]>().notNull(),
    keptAt: instant('kept_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    toDeployment('deployment_logs', [t.organizationId, t.deploymentId]),
    unique('deployment_logs_position_key').on(t.organizationId, t.deploymentId, t.kind, t.position),
    check('deployment_logs_kind_check', sql`${t.kind} in ('build', 'runtime')`),
  ],
);
