import { poolSizes } from '@/db/platform/boot-check';
import { assertSafeDatabase, compose, requestPatienceMs, shareComposition, sharedComposition, type Composition } from '@/lib/composition';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';

/**
 * The composition of this process. Our own server builds it before Next starts and shares it; on a host that
 * runs only Next the first request builds it.
 */
export function studio(): Composition {
  const shared = sharedComposition();
  if (shared !== undefined) return shared;
  const env = readEnv();
  const built = compose(env, createLog(env.LOG_LEVEL, 'server'), { poolSize: poolSizes.server, applicationName: 'studio-server', patienceMs: requestPatienceMs });
  shareComposition(built);
  return built;
}

/** The same after the check that our own server makes when it starts: an unsafe database is refused. */
export async function safeStudio(): Promise<Composition> {
  const composition = studio();
  await assertSafeDatabase(composition);
  return composition;
}
