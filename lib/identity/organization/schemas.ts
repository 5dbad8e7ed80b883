import { z } from 'zod';
import { roles, rights } from '@/lib/identity/access/policy';
import { line } from '@/lib/kernel/text';
import { reservedSlugs } from '@/lib/paths';

export const slug = z
  .string({ error: 'The address must be text.' })
  .min(3, { error: 'The address needs at least 3 characters.' })
  .max(48, { error: 'The address must not be longer than 48 characters.' })
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])$/, { error: 'The address takes lower-case letters, digits and hyphens, and starts and ends with a letter or digit.' })
  .refine((text) => !reservedSlugs.has(text), { error: 'Studio uses this address itself. Choose another one.' });

export const CreateOrganization = z.strictObject({
  name: line('The name', { most: 60 }),
  slug: slug.optional(),
});

export const UpdateOrganization = z
  .strictObject({
    name: line('The name', { most: 60 }).optional(),
    slug: slug.optional(),
    subdomain: slug.nullable().optional(),
  })
  .refine((input) => Object.keys(input).length > 0, { error: 'Name at least one field to change.' });

export const OrganizationView = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  subdomain: z.string().nullable(),
  status: z.string(),
  subscription_tier: z.string(),
  created_at: z.iso.datetime(),
  role: z.enum(roles).nullable(),
  rights: z.record(z.enum(rights), z.boolean()),
});

export type OrganizationView = z.infer<typeof OrganizationView>;
