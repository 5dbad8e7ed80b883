import { z } from 'zod';
import { pageQuery } from '@/lib/kernel/page';

/** Ids as Appwrite takes them for databases, tables, buckets, rows and files. */
const appwriteId = (what: string) =>
  z.string({ error: `${what} must be text.` }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,35}$/, { error: `${what} is not an id of Appwrite.` });

const page = { limit: pageQuery.limit, cursor: appwriteId('The cursor').optional() };

export const ListRows = z.strictObject({ database: appwriteId('database'), table: appwriteId('table'), ...page });
export const ListFiles = z.strictObject({ bucket: appwriteId('bucket'), ...page });

export const TablesView = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      database: z.object({ id: z.string(), name: z.string() }),
      name: z.string(),
      enabled: z.boolean(),
      columns: z.array(z.object({ key: z.string(), type: z.string(), required: z.boolean(), array: z.boolean() })),
    }),
  ),
});

export const RowsView = z.object({
  total: z.number().int(),
  data: z.array(z.record(z.string(), z.unknown())),
  next_cursor: z.string().nullable(),
});

export const BucketsView = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string(), enabled: z.boolean(), maximum_file_size: z.number() })),
});

export const FilesView = z.object({
  total: z.number().int(),
  data: z.array(z.object({ id: z.string(), name: z.string(), mime_type: z.string(), size_bytes: z.number(), created_at: z.string() })),
  next_cursor: z.string().nullable(),
});

export type TablesView = z.infer<typeof TablesView>;
export type RowsView = z.infer<typeof RowsView>;
export type BucketsView = z.infer<typeof BucketsView>;
export type FilesView = z.infer<typeof FilesView>;
