import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { organizationVersionKey } from '@/lib/identity/access/freshness';

interface Reading<View> {
  /** What is read and where: all that tells this answer from another one of the organization. */
  of: readonly unknown[];
  view: z.ZodType<View>;
  read(): Promise<View>;
}

/** Apps change what they keep at Appwrite without telling Studio: a copy is good for the length of a click. */
const maxAgeMs = 3_000;

/**
 * Reads what lies at Appwrite through a copy that lives for seconds. Ask the rights first, on every call; the copy
 * carries the organization's version in its key, so our own writes make it unreachable.
 */
export async function recentCopy<View>(ctx: Ctx, organizationId: string, { of, view, read }: Reading<View>): Promise<View> {
  const [version] = await ctx.cache.getMany([organizationVersionKey(organizationId)]);
  const digest = hash('sha256', JSON.stringify([version, ...of]), 'base64url');
  const key = `studio:data:${digest}`;
  const usable = ctx.cache.sure();
  const [copy] = usable ? await ctx.cache.getMany([key]) : [];
  if (copy != null) return view.parse(JSON.parse(copy));
  const fresh = view.parse(await read());
  if (usable) await ctx.cache.set(key, JSON.stringify(fresh), maxAgeMs);
  return fresh;
}
