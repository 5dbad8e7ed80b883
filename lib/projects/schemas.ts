import { z } from 'zod';
import { rights } from '@/lib/identity/access/policy';
import { publicIdPattern } from '@/lib/kernel/ids';
import { pageQuery } from '@/lib/kernel/page';
import { line } from '@/lib/kernel/text';
import { projectStatuses } from './states';

export const frameworks = ['nextjs', 'node', 'react', 'vue', 'flutter', 'rest'] as const;

export const projectName = line('The name', { most: 100 });

/** As Appwrite takes it for a web platform: no scheme, port or path; one leading `*.` is allowed. */
export const hostname = z
  .string({ error: 'The hostname must be text.' })
  .transform((text) => text.trim().toLowerCase())
  .refine((text) => text.length <= 253 && /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text), {
    error: 'This is not a hostname. Write it without scheme, port and path, as app.example.com or *.example.com.',
  });

const framework = z.enum(frameworks, { error: `The framework must be one of ${frameworks.join(', ')}.` });

export const organizationId = z
  .string({ error: 'organization_id must be text.' })
  .regex(publicIdPattern('organization'), { error: 'organization_id is not the id of an organization.' });

export const CreateProject = z.strictObject({
  /** Not needed with a credential that belongs to one organization. */
  organization_id: organizationId.optional(),
  name: projectName,
  framework: framework.default('nextjs'),
  hostname: hostname.nullable().default(null),
  backend: z.literal('appwrite', { error: 'The backend must be appwrite.' }).default('appwrite'),
});

export const UpdateProject = z
  .strictObject({ name: projectName.optional(), framework: framework.optional() })
  .refine((input) => Object.keys(input).length > 0, { error: 'Name at least one field to change.' });

export const DeleteProject = z.strictObject({
  confirm_name: z.string({ error: 'Type the name of the project to confirm.' }),
});

/** A minus turns an order round. */
export const projectOrders = ['-created_at', 'created_at', 'name', '-name'] as const;
export type ProjectOrder = (typeof projectOrders)[number];

export const ListProjects = z.strictObject({
  organization_id: organizationId.optional(),
  ...pageQuery,
  sort: z.enum(projectOrders, { error: `sort must be one of ${projectOrders.join(', ')}.` }).default('-created_at'),
  q: z.string({ error: 'q must be text.' }).max(100, { error: 'q must not be longer than 100 characters.' }).optional(),
  status: z.enum(projectStatuses, { error: `status must be one of ${projectStatuses.join(', ')}.` }).optional(),
});

/** A project as lists show it. */
export const ProjectSummary = z.object({
  id: z.string(),
  organization_id: z.string(),
  name: z.string(),
  status: z.enum(projectStatuses),
  framework: z.enum(frameworks),
  hostname: z.string().nullable(),
  backend: z.literal('appwrite'),
  /** The public id of the project's platform database. */
  database_ref: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  ready_at: z.string().nullable(),
  deleted_at: z.string().nullable(),
  restorable_until: z.string().nullable(),
  /** Set while the project does not answer at Appwrite. */
  unhealthy_since: z.string().nullable(),
});

export const ProjectView = ProjectSummary.extend({ rights: z.record(z.enum(rights), z.boolean()) });

/** What creating answers: the project, and its id once more under the name of the provisioning API. */
export const CreatedProject = ProjectView.extend({ project_id: z.string() });

export const ProjectPage = z.object({ data: z.array(ProjectSummary), next_cursor: z.string().nullable() });

export const stepStates = ['waiting', 'running', 'retrying', 'done', 'skipped', 'failed', 'undoing', 'undone'] as const;

export const ProvisioningView = z.object({
  status: z.enum(projectStatuses),
  steps: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      state: z.enum(stepStates),
      attempt: z.number().int(),
      started_at: z.string().nullable(),
      finished_at: z.string().nullable(),
      /** Why it waits or failed, in words for a person. */
      reason: z.string().nullable(),
      next_attempt_at: z.string().nullable(),
    }),
  ),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type ProjectSummary = z.infer<typeof ProjectSummary>;
export type ProjectView = z.infer<typeof ProjectView>;
export type CreatedProject = z.infer<typeof CreatedProject>;
export type ProjectPage = z.infer<typeof ProjectPage>;
export type ProvisioningView = z.infer<typeof ProvisioningView>;
