import type { Ctx } from '@/lib/context';
import { browse } from './browse';
import { BucketsView } from './schemas';

export async function listBuckets(ctx: Ctx, project: string): Promise<BucketsView> {
  return browse(ctx, project, {
    what: 'bucket',
    input: null,
    view: BucketsView,
    async read(admin, projectId) {
      const buckets = await admin.listBuckets(projectId);
      return { data: buckets.map(({ id, name, enabled, maximumFileSize }) => ({ id, name, enabled, maximum_file_size: maximumFileSize })) };
    },
  });
}
