import { z } from 'zod';
import { instant, line } from '@/lib/kernel/text';
import { defaultScopes, grantableScopes } from './scopes';

const scope = z
  .string({ error: 'A scope must be text.' })
  .refine((text) => grantableScopes.includes(text), { error: 'A project key cannot carry this scope. See the list of scopes in the documentation.' });

export const CreateKey = z.strictObject({
  name: line('The name', { most: 60 }),
  scopes: z
    .array(scope, { error: 'scopes must be a list.' })
    .min(1, { error: 'Choose at least one scope.' })
    .max(100, { error: 'A key carries at most 100 scopes.' })
    .transform((scopes) => [...new Set(scopes)])
    .default([...defaultScopes]),
  expires_at: instant('expires_at must be a time such as 2027-01-31T00:00:00Z.')
    .transform((text) => new Date(text))
    .nullable()
    .default(null),
});

/** Long enough to redeploy everything that holds the old key. */
const longestOverlapSeconds = 86_400;

export const RotateKey = z.strictObject({
  overlap_seconds: z
    .number({ error: 'overlap_seconds must be a number.' })
    .int({ error: 'overlap_seconds must be a whole number.' })
    .min(0, { error: 'overlap_seconds must not be negative.' })
    .max(longestOverlapSeconds, { error: 'overlap_seconds must be at most 86400, a day.' })
    .default(0),
});

export const keyStates = ['requested', 'live', 'revoking', 'revoked', 'failed'] as const;

export const KeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** `env` is the key of the environment variables. */
  purpose: z.enum(['env', 'user']),
  scopes: z.array(z.string()),
  state: z.enum(keyStates),
  last_four: z.string().nullable(),
  expires_at: z.string().nullable(),
  /** When the key stops working because another one took its place. */
  retire_at: z.string().nullable(),
  /** The key that took its place. */
  replaced_by: z.string().nullable(),
  created_at: z.string(),
  revoked_at: z.string().nullable(),
});

/** The secret is here once and never again. */
export const CreatedKey = KeyView.extend({ secret: z.string() });

export type KeyView = z.infer<typeof KeyView>;
export type CreatedKey = z.infer<typeof CreatedKey>;
