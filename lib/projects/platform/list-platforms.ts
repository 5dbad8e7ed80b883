import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { asking } from '../appwrite-errors';
import { getPlacedProject, getProjectRow } from '../internal';
import { demandReady } from '../states';
import { PlatformView } from './schemas';

/** The hostnames from which browsers may use the project. */
export async function listPlatforms(ctx: Ctx, project: string): Promise<{ data: PlatformView[] }> {
  const { organizationId, place } = await within(ctx, { project }, 'project:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    return { organizationId: access.organizationId, place: await getPlacedProject(tx, access.organizationId, row.id) };
  });
  const admin = (await ctx.appwrite.byId(place.instanceId)).admin({ tenant: organizationId });
  const platforms = await asking('platform', admin.listPlatforms(place.appwriteProjectId));
  return { data: platforms.map((platform) => PlatformView.parse(platform)) };
}
