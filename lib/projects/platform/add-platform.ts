import type { Ctx } from '@/lib/context';
import { newAppwriteId } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { changePlatforms } from './change';
import { AddPlatform, PlatformView } from './schemas';

/** Lets browsers on a hostname use the project. */
export async function addPlatform(ctx: Ctx, project: string, raw: unknown): Promise<PlatformView> {
  const { hostname, name = hostname } = parseInput(AddPlatform, raw);
  const platformId = newAppwriteId();
  const added = await changePlatforms(ctx, project, {
    action: 'platform.added',
    target: { id: platformId, name: hostname },
    act: (admin, projectId) => admin.createPlatform({ projectId, platformId, name, hostname }),
  });
  return PlatformView.parse(added);
}
