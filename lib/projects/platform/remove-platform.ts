import type { Ctx } from '@/lib/context';
import { notFound } from '@/lib/kernel/errors';
import { changePlatforms } from './change';
import { platformId } from './schemas';

/** Takes a hostname back. One that is gone already is fine. */
export async function removePlatform(ctx: Ctx, project: string, platform: string): Promise<void> {
  if (!platformId.safeParse(platform).success) throw notFound('platform');
  await changePlatforms(ctx, project, {
    action: 'platform.removed',
    target: { id: platform, name: null },
    act: (admin, projectId) => admin.deletePlatform({ projectId, platformId: platform }),
  });
}
