import { z } from 'zod';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import { pageQuery } from '@/lib/kernel/page';
import { instant, line } from '@/lib/kernel/text';

const scope = z.enum(apiKeyScopes, { error: `A scope must be one of ${apiKeyScopes.join(', ')}.` });

export const CreateApiKey = z
  .strictObject({
    name: line('The name', { most: 60 }),
    scopes: z
      .array(scope, { error: 'The scopes must be a list.' })
      .min(1, { error: 'Choose at least one scope.' })
      .max(apiKeyScopes.length, { error: 'The same scope is named more than once.' })
      .refine((scopes) => new Set(scopes).size === scopes.length, { error: 'The same scope is named more than once.' }),
    /** Limits the key to one project (`prj_…`). */
    project_id: z.string({ error: 'The project must be its id.' }).max(40, { error: 'The project must be its id, prj_… .' }).nullish(),
    /** When the key stops working by itself. */
    expires_at: instant('The end must be a time like 2030-01-31T12:00:00Z.').nullish(),
  })
  .refine((input) => input.project_id == null || !input.scopes.includes('project:create'), {
    path: ['scopes'],
    error: 'A key for one project cannot create projects. Leave out project:create, or the project.',
  });

export const ListApiKeys = z.strictObject(pageQuery);

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** The first and last characters of the key; the rest is known to its holder alone. */
  prefix: z.string(),
  last_four: z.string(),
  scopes: z.array(scope),
  project: z.object({ id: z.string(), name: z.string() }).nullable(),
  project_id: z.string().nullable(),
  created_by: z.object({ id: z.string(), name: z.string() }).nullable(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  expired: z.boolean(),
  last_used_at: z.iso.datetime().nullable(),
});

export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** The one answer that holds the key itself. It cannot be read again. */
export const CreatedApiKey = ApiKeyView.extend({ secret: z.string() });

export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
