import type { Ctx } from '@/lib/context';
import { parseInput } from '@/lib/kernel/parse';
import { browse } from './browse';
import { FilesView, ListFiles } from './schemas';

/** One page of a bucket. */
export async function listFiles(ctx: Ctx, project: string, raw: unknown): Promise<FilesView> {
  const input = parseInput(ListFiles, raw);
  return browse(ctx, project, {
    what: 'bucket',
    input,
    view: FilesView,
    async read(admin, projectId) {
      const { bucket: bucketId, limit, cursor } = input;
      const { total, files } = await admin.listFiles({ projectId, bucketId, limit, ...(cursor === undefined ? {} : { after: cursor }) });
      return {
        total,
        data: files.map((file) => ({ id: file.id, name: file.name, mime_type: file.mimeType, size_bytes: file.sizeBytes, created_at: file.createdAt.toISOString() })),
        next_cursor: files.length < limit ? null : (files.at(-1)?.id ?? null),
      };
    },
  });
}
