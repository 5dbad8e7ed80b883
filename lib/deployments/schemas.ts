import { z } from 'zod';
import { deploymentStatuses } from '@/lib/adapters/railway/port';
import { pageQuery } from '@/lib/kernel/page';
import { environmentName } from '@/lib/projects/env/schemas';
import { ServiceView } from './service/schemas';
import { Source } from './service/source';

/** Railway's states, and the one before Railway has the deployment. */
export const statuses = ['PREPARING', ...deploymentStatuses] as const;
export type Status = (typeof statuses)[number];

/** States that a deployment leaves by itself, so that looking again makes sense soon. */
export const movingStatuses: readonly Status[] = ['PREPARING', 'QUEUED', 'WAITING', 'INITIALIZING', 'BUILDING', 'DEPLOYING', 'REMOVING'];

const instant = z.string();

const StepView = z.object({
  key: z.string(),
  name: z.string(),
  state: z.enum(['waiting', 'running', 'retrying', 'done', 'skipped', 'failed', 'undoing', 'undone']),
  reason: z.string().nullable(),
  attempt: z.int(),
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
});

export const DeploymentView = z.object({
  id: z.string(),
  project_id: z.string(),
  environment: environmentName,
  /** Counts the deployments of the service from 1. */
  number: z.int(),
  /** `external` was begun at Railway itself, by a push for example. */
  kind: z.enum(['deploy', 'redeploy', 'rollback', 'external']),
  status: z.enum(statuses),
  /** Why it failed, in words for a person. */
  reason: z.string().nullable(),
  source: z.string(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  /** Which version of the variables it was given. */
  manifest_version: z.int().nullable(),
  /** The deployment that a rollback goes back to or a redeployment repeats. */
  of: z.object({ id: z.string(), number: z.int() }).nullable(),
  /** True for the one that answers at the service's URL. */
  live: z.boolean(),
  url: z.string().nullable(),
  can: z.object({ redeploy: z.boolean(), rollback: z.boolean(), restart: z.boolean(), stop: z.boolean(), cancel: z.boolean() }),
  /** True from the moment in which somebody cancels it until it has ended. */
  cancelling: z.boolean(),
  created_by: z.string().nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
});

export type DeploymentView = z.infer<typeof DeploymentView>;

export const DeploymentDetail = DeploymentView.extend({
  steps: z.array(StepView),
  states: z.array(z.object({ status: z.enum(statuses), at: instant })),
});

export type DeploymentDetail = z.infer<typeof DeploymentDetail>;

export const ListDeployments = z.strictObject({ ...pageQuery, environment: environmentName.optional() });

/** What to deploy, and where. Without a source the service's own is deployed again. */
export const CreateDeployment = z.strictObject({
  environment: environmentName.default('production'),
  source: Source.optional(),
  /** The version of the variables that was looked at; a change in between is then a `conflict`. */
  version: z.int({ error: 'version must be a whole number.' }).optional(),
});

export const PreviewDeployment = z.strictObject({ environment: environmentName.default('production') });

/** What a deployment would change, by name: no value of a secret leaves. */
export const DeploymentPreview = z.object({
  service: ServiceView.nullable(),
  /** The version of the variables that this looks at. */
  version: z.int(),
  variables: z.array(
    z.object({
      name: z.string(),
      secret: z.boolean(),
      source: z.enum(['generated', 'user']),
      change: z.enum(['added', 'changed', 'removed', 'unchanged']),
      /** Null for secrets. */
      value: z.string().nullable(),
    }),
  ),
});

export type DeploymentPreview = z.infer<typeof DeploymentPreview>;
