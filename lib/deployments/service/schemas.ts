import { z } from 'zod';
import { environmentName } from '@/lib/projects/env/schemas';

export const ServiceView = z.object({
  id: z.string(),
  project_id: z.string(),
  environment: environmentName,
  source: z.object({
    kind: z.enum(['repository', 'image', 'example']),
    /** `owner/name` of a repository, or the reference of an image. */
    name: z.string(),
    branch: z.string().nullable(),
    root_directory: z.string().nullable(),
    build_command: z.string().nullable(),
    start_command: z.string().nullable(),
    healthcheck_path: z.string().nullable(),
  }),
  /** With its scheme; null before the first deployment has a domain. */
  url: z.string().nullable(),
  /** True while a deployment of it is on its way. */
  busy: z.boolean(),
  created_at: z.string(),
});

export type ServiceView = z.infer<typeof ServiceView>;

export const ServiceAnswer = z.object({ service: ServiceView.nullable() });

export const OfService = z.strictObject({ environment: environmentName.default('production') });
