import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { Cache } from '@/lib/adapters/cache/port';
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

/** What is being read right now, by the cache that it is kept in: however many ask at once, Appwrite is asked once. */
const underWay = new WeakMap<Cache, Map<string, Promise<string>>>();

/**
 * Reads what lies at Appwrite through a copy that lives for seconds. Ask the rights first, on every call; the copy
 * carries the organization's version in its key, so our own writes make it unreachable. A refusal is not kept.
 */
export async function recentCopy<View>(ctx: Ctx, organizationId: string, { of, view, read }: Reading<View>): Promise<View> {
  const [version] = await ctx.cache.getMany([organizationVersionKey(organizationId)]);
  if (!ctx.cache.sure()) return view.parse(await read());
  const digest = hash('sha256', JSON.stringify([version, ...of]), 'base64url');
  const key = `studio:data:${digest}`;
  const [copy] = await ctx.cache.getMany([key]);
  return view.parse(JSON.parse(copy ?? (await together(ctx.cache, key, () => readAndKeep(ctx, key, { view, read })))));
}

async function readAndKeep<View>(ctx: Ctx, key: string, { view, read }: Pick<Reading<View>, 'view' | 'read'>): Promise<string> {
  const fresh = JSON.stringify(view.parse(await read()));
  await ctx.cache.set(key, fresh, maxAgeMs);
  return fresh;
}

function together(cache: Cache, key: string, work: () => Promise<string>): Promise<string> {
  const ofCache = underWay.get(cache) ?? new Map<string, Promise<string>>();
  underWay.set(cache, ofCache);
  const asked = ofCache.get(key) ?? work().finally(() => ofCache.delete(key));
  ofCache.set(key, asked);
  return asked;
}
