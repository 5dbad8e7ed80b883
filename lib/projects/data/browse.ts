import type { z } from 'zod';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { asking } from '../appwrite-errors';
import { getPlacedProject, getProjectRow } from '../internal';
import { recentCopy } from '../recent-copy';
import { demandReady } from '../states';

interface Browsing<View> {
  /** What is read, as part of the copy's name and of "There is no such …". */
  what: string;
  input: unknown;
  view: z.ZodType<View>;
  read(admin: AppwriteAdmin, appwriteProjectId: string): Promise<View>;
}

/** Reads what tenants keep in a project. */
export async function browse<View>(ctx: Ctx, project: string, { what, input, view, read }: Browsing<View>): Promise<View> {
  const { organizationId, place } = await within(ctx, { project }, 'data:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    return { organizationId: access.organizationId, place: await getPlacedProject(tx, access.organizationId, row.id) };
  });
  return recentCopy(ctx, organizationId, {
    of: [place.appwriteProjectId, what, input],
    view,
    read: async () => asking(what, read((await ctx.appwrite.byId(place.instanceId)).admin({ tenant: organizationId }), place.appwriteProjectId)),
  });
}
