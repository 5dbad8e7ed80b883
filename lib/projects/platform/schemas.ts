import { z } from 'zod';
import { line } from '@/lib/kernel/text';
import { hostname } from '../schemas';

export const AddPlatform = z.strictObject({
  hostname,
  name: line('The name', { most: 100 }).optional(),
});

export const platformId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,35}$/, { error: 'This is not the id of a platform.' });

export const PlatformView = z.object({ id: z.string(), type: z.string(), name: z.string(), hostname: z.string().nullable() });

export type PlatformView = z.infer<typeof PlatformView>;
