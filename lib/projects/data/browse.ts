import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { organizationVersionKey } from '@/lib/identity/access/freshness';
import { within } from '@/lib/identity/access/within';
import { asking } from '../appwrite-errors';
import { getPlacedProject, getProjectRow } from '../internal';
import { demandReady } from '../states';

interface Browsing<View> {
  /** What is read, as part of the cache key and of "There is no such …". */
  what: string;
  input: unknown;
  view: z.ZodType<View>;
  read(admin: AppwriteAdmin, appwriteProjectId: string): Promise<View>;
}

/** Apps change their data without telling Studio: a copy is good for the length of a click. */
const maxAgeMs = 3_000;

/**
 * Reads what tenants keep in a project, through a copy that lives for seconds. The rights are asked first, on
 * every call; the copy carries the organization's version in its key, so our own writes make it unreachable.
 */
export async function browse<View>(ctx: Ctx, project: string, { what, input, view, read }: Browsing<View>): Promise<View> {
  const { organizationId, place } = await within(ctx, { project }, 'data:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    return { organizationId: access.organizationId, place: await getPlacedProject(tx, access.organizationId, row.id) };
  });
  const [version] = await ctx.cache.getMany([organizationVersionKey(organizationId)]);
  const digest = createHash('sha256').update(JSON.stringify([version, place.appwriteProjectId, what, input])).digest('base64url');
  const key = `studio:data:${digest}`;
  const usable = ctx.cache.sure();
  const [copy] = usable ? await ctx.cache.getMany([key]) : [];
  if (copy != null) return view.parse(JSON.parse(copy));
  const admin = (await ctx.appwrite.byId(place.instanceId)).admin();
  const fresh = view.parse(await asking(what, read(admin, place.appwriteProjectId)));
  if (usable) await ctx.cache.set(key, JSON.stringify(fresh), maxAgeMs);
  return fresh;
}
