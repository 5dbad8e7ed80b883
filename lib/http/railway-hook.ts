import { Hono } from 'hono';
import { randomUUID } from 'node:crypto';
import { contextFor, type Composition } from '@/lib/composition';
import { hookPath } from '@/lib/deployments/hook/create-hook';
import { hearHook } from '@/lib/deployments/hook/hear-hook';
import { hashToken } from '@/lib/kernel/ids';
import { AppError } from '@/lib/kernel/errors';
import type { ApiEnvironment } from './api';
import { clientIp } from './client-ip';
import { problemResponse } from './problem';

/**
 * Where the webhook of a Railway project calls. The secret is in the address, so the address is in no answer and no
 * log line; the body is neither trusted nor read.
 */
export function railwayHookRoutes(composition: Composition): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.post(`${hookPath}/:secret`, async (c) => {
    const requestId = randomUUID();
    const ip = clientIp(c.req.header('x-forwarded-for'), c.env?.incoming?.socket?.remoteAddress, composition.env.TRUSTED_PROXY_HOPS);
    try {
      const { allowance, allowed } = await composition.ports.limits.request(`hook:${hashToken(c.req.param('secret')).toString('hex')}`);
      if (!allowed) throw new AppError('rate_limited', 'Too many calls of this address. Come again later.', { retryAfterSeconds: allowance.resetSeconds });
      const ctx = contextFor(composition, { actor: { kind: 'system', job: 'reconciler' }, requestId, ip });
      if (!(await hearHook(ctx, c.req.param('secret')))) throw new AppError('not_found', 'There is no such address.');
      return c.body(null, 204);
    } catch (error) {
      return problemResponse(error, { requestId, instance: hookPath, log: composition.log });
    }
  });
  return routes;
}
