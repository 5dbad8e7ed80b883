import { z } from 'zod';
import { deploymentStatuses, type Named, type RailwayDeployment, type RailwayProject } from '../port';
import type { Operation } from './client';
import * as documents from './documents';

/** What Railway is asked, and the part of its answers that Studio relies on. Fields that are not named are dropped. */
const named = z.object({ id: z.string().min(1), name: z.string() });
const mayBeDeleted = named.extend({ deletedAt: z.string().nullish() });

function nodes<Shape>(node: z.ZodType<Shape>): z.ZodType<Shape[]> {
  return z.object({ edges: z.array(z.object({ node })) }).transform(({ edges }) => edges.map((edge) => edge.node));
}

/** Null when it is deleted: Railway keeps projects for a while after that. */
const project = mayBeDeleted.extend({ environments: nodes(named), services: nodes(mayBeDeleted) }).transform(
  ({ id, name, deletedAt, environments, services }): RailwayProject | null =>
    deletedAt == null ? { id, name, environments, services: services.flatMap((service) => (service.deletedAt == null ? [{ id: service.id, name: service.name }] : [])) } : null,
);

export interface ProjectsPage {
  projects: Named[];
  /** Where the next page begins; null on the last one. */
  next: string | null;
}

const projectsPage = z
  .object({ edges: z.array(z.object({ node: mayBeDeleted })), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }) })
  .refine(({ pageInfo }) => !pageInfo.hasNextPage || pageInfo.endCursor != null)
  .transform(
    ({ edges, pageInfo }): ProjectsPage => ({
      projects: edges.flatMap(({ node: { id, name, deletedAt } }) => (deletedAt == null ? [{ id, name }] : [])),
      next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null,
    }),
  );

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** A scalar without a declared shape; of a commit it tells `commitHash`. */
const meta = z.object({ commitHash: z.string().nullish() }).nullish().catch(null);

const deployment = z
  .object({
    id: z.string().min(1),
    status: z.enum(deploymentStatuses),
    createdAt: instant,
    statusUpdatedAt: instant.nullish(),
    staticUrl: z.string().nullish(),
    url: z.string().nullish(),
    canRedeploy: z.boolean(),
    canRollback: z.boolean(),
    deploymentStopped: z.boolean(),
    meta,
  })
  .transform(
    (answer): RailwayDeployment => ({
      id: answer.id,
      status: answer.status,
      createdAt: answer.createdAt,
      statusUpdatedAt: answer.statusUpdatedAt ?? null,
      url: withScheme(answer.staticUrl || answer.url || null),
      canRedeploy: answer.canRedeploy,
      canRollback: answer.canRollback,
      stopped: answer.deploymentStopped,
      commit: answer.meta?.commitHash ?? null,
    }),
  );

const logLine = z.object({ timestamp: z.string(), severity: z.string().nullish().transform((severity) => severity ?? null), message: z.string() });

export const me = operation(documents.meDocument, 'me', z.object({ name: z.string().nullish(), email: z.string(), workspaces: z.array(named) }));
export const apiToken = operation(documents.apiTokenDocument, 'apiToken', z.object({ workspaces: z.array(named) }));
export const projectToken = operation(documents.projectTokenDocument, 'projectToken', z.object({ projectId: z.string() }));

export const projects = operation(documents.projectsDocument, 'projects', projectsPage);
export const getProject = operation(documents.projectDocument, 'project', project);
export const projectCreate = operation(documents.projectCreateDocument, 'projectCreate', project);
export const projectDelete = operation(documents.projectDeleteDocument, 'projectDelete', z.boolean());

export const environmentCreate = operation(documents.environmentCreateDocument, 'environmentCreate', named);

export const serviceCreate = operation(documents.serviceCreateDocument, 'serviceCreate', named);
export const serviceDelete = operation(documents.serviceDeleteDocument, 'serviceDelete', z.boolean());
export const serviceInstanceUpdate = operation(documents.serviceInstanceUpdateDocument, 'serviceInstanceUpdate', z.boolean());
export const serviceConnect = operation(documents.serviceConnectDocument, 'serviceConnect', z.object({ id: z.string() }));

const domain = z.object({ domain: z.string().min(1) });
export const domains = operation(documents.domainsDocument, 'domains', z.object({ serviceDomains: z.array(domain) }));
export const serviceDomainCreate = operation(documents.serviceDomainCreateDocument, 'serviceDomainCreate', domain);

export const variables = operation(documents.variablesDocument, 'variables', z.record(z.string(), z.string()));
export const variableCollectionUpsert = operation(documents.variableCollectionUpsertDocument, 'variableCollectionUpsert', z.boolean());

export const serviceInstanceDeploy = operation(documents.serviceInstanceDeployDocument, 'serviceInstanceDeployV2', z.string().min(1));
export const getDeployment = operation(documents.deploymentDocument, 'deployment', deployment);
export const deployments = operation(documents.deploymentsDocument, 'deployments', nodes(deployment));
export const deploymentRedeploy = operation(documents.deploymentRedeployDocument, 'deploymentRedeploy', deployment);
export const deploymentRestart = operation(documents.deploymentRestartDocument, 'deploymentRestart', z.boolean());
export const deploymentRollback = operation(documents.deploymentRollbackDocument, 'deploymentRollback', z.boolean());
export const deploymentStop = operation(documents.deploymentStopDocument, 'deploymentStop', z.boolean());
export const deploymentCancel = operation(documents.deploymentCancelDocument, 'deploymentCancel', z.boolean());

export const buildLogs = operation(documents.buildLogsDocument, 'buildLogs', z.array(logLine));
export const deploymentLogs = operation(documents.deploymentLogsDocument, 'deploymentLogs', z.array(logLine));

export const followBuildLogs = operation(documents.buildLogsSubscription, 'buildLogs', z.array(logLine));
export const followDeploymentLogs = operation(documents.deploymentLogsSubscription, 'deploymentLogs', z.array(logLine));

/** An answer holds its value below the name of the field. */
function operation<Shape>(document: string, field: string, shape: z.ZodType<Shape>): Operation<Shape> {
  return { document, data: z.record(z.string(), z.unknown()).transform((data) => data[field]).pipe(shape) };
}

/** Railway names hosts alone and serves them by HTTPS; only a stand-in serves this machine, by HTTP. */
function withScheme(host: string | null): string | null {
  if (host === null || /^https?:\/\//.test(host)) return host;
  return `${/^(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\/|$)/.test(host) ? 'http' : 'https'}://${host}`;
}
