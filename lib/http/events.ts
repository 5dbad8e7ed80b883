import { Hono, type Context } from 'hono';
import { randomUUID } from 'node:crypto';
import type { Notice } from '@/db/platform/notify';
import { contextFor, type Composition } from '@/lib/composition';
import type { Ctx } from '@/lib/context';
import { locatedOrganization, within } from '@/lib/identity/access/within';
import type { Right } from '@/lib/identity/access/policy';
import { actorId } from '@/lib/kernel/actor';
import { AppError, isAppError } from '@/lib/kernel/errors';
import { listSagaEvents } from '@/lib/projects/list-saga-events';
import { readCredentials } from './authenticate';
import { clientIp } from './client-ip';
import { identify } from './identify';
import type { ApiEnvironment } from './api';
import type { Notices } from './notices';
import { problemResponse } from './problem';
import { createStreamSlots, type StreamSlots } from './stream-slots';

/** Without news the stream says so this often, so that proxies keep it open and dead peers are noticed. */
const heartbeatMs = 15_000;
/** Rights are asked again this often even when no notice of a change arrives. */
const recheckMs = 5_000;
/** Notices within this time are answered by one read. */
const gatherMs = 20;
const limits = { perCaller: 20, perProcess: 2_000 };

/**
 * `GET /api/v1/events?organization_id=org_…`: server-sent events of one organization. A notice of the database
 * only nudges; what is sent is read under the caller's own rights, from the cursor of `Last-Event-ID` on, so a
 * reconnection misses nothing. The stream ends when the session, the membership or the key does. One too many is refused, by
 * 429 for the caller and by 503 for the process.
 */
export function eventRoutes(composition: Composition, notices: Notices, slots: StreamSlots = createStreamSlots(limits)): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  for (const family of ['/api/v1', '/api/platform']) {
    routes.get(`${family}/events`, async (c) => {
      const requestId = randomUUID();
      try {
        return await open(c, requestId);
      } catch (error) {
        return problemResponse(error, { requestId, instance: c.req.path, log: composition.log });
      }
    });
  }

  async function open(c: Context<ApiEnvironment>, requestId: string): Promise<Response> {
    const credentials = readCredentials((name) => c.req.header(name), composition.env.STUDIO_URL);
    const ip = clientIp(c.req.header('x-forwarded-for'), c.env?.incoming?.socket?.remoteAddress, composition.env.TRUSTED_PROXY_HOPS);
    const { actor } = await identify(composition, credentials, requestId, ip);
    if (actor.kind === 'anonymous') throw new AppError('unauthenticated', 'Sign in to hear of changes.');
    const ctx = contextFor(composition, { actor, requestId, ip });
    const organization = c.req.query('organization_id') ?? '';
    const since = c.req.header('last-event-id') ?? c.req.query('since');
    const release = slots.take(actorId(actor) ?? actor.kind);
    try {
      const rights = await rightsIn(ctx, organization);
      const stream = new ReadableStream<Uint8Array>(new Follower(ctx, organization, rights, since, notices, release));
      return new Response(stream, {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'private, no-store', 'x-accel-buffering': 'no', 'x-request-id': requestId },
      });
    } catch (error) {
      release();
      throw error;
    }
  }
  return routes;
}

/** What the caller may do there now. Throws when the session or the membership has ended. */
function rightsIn(ctx: Ctx, organization: string): Promise<ReadonlySet<Right>> {
  if (organization === '') throw new AppError('invalid_input', 'Name the organization: ?organization_id=org_…');
  return within(ctx, { organization }, 'organization:read', (_, access) => Promise.resolve(access.rights));
}

/** One open stream. Reads run one after the other; notices that arrive meanwhile cause one more. */
class Follower implements UnderlyingDefaultSource<Uint8Array> {
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #unsubscribe: () => void = () => undefined;
  #timers: NodeJS.Timeout[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #reading = false;
  #again = false;
  #cursor: string | undefined;

  constructor(
    private readonly ctx: Ctx,
    private readonly organization: string,
    private rights: ReadonlySet<Right>,
    since: string | undefined,
    private readonly notices: Notices,
    private readonly onEnd: () => void,
  ) {
    this.#cursor = since;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.#write('retry: 1000\n: connected\n\n');
    this.#unsubscribe = this.notices.subscribe((notice) => this.#hear(notice), () => this.#end());
    this.#timers = [setInterval(() => this.#write(': still here\n\n'), heartbeatMs), setInterval(() => void this.#recheck(), recheckMs)];
    for (const timer of this.#timers) timer.unref();
    this.#nudge();
  }

  cancel(): void {
    this.#end();
  }

  #hear(notice: Notice | null): void {
    if (notice === null) return this.#nudge();
    if (notice.kind === 'access') {
      if (notice.actor_id === actorId(this.ctx.actor)) void this.#recheck();
      return;
    }
    if (notice.organization_id !== locatedOrganization(this.organization)) return;
    if (notice.kind === 'organization') this.#write('event: organization\ndata: {}\n\n');
    else this.#nudge();
  }

  #nudge(): void {
    // Asking without the right would fill the audit log with refusals that nobody caused.
    if (!this.rights.has('project:read')) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.#read();
    }, gatherMs);
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      const events = await listSagaEvents(this.ctx, this.organization, { since: this.#cursor });
      for (const event of events) {
        this.#cursor = event.id;
        this.#write(`id: ${event.id}\nevent: saga\ndata: ${JSON.stringify(event)}\n\n`);
      }
      this.#write('event: project\ndata: {}\n\n');
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#reading = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#nudge();
    }
  }

  async #recheck(): Promise<void> {
    try {
      this.rights = await rightsIn(this.ctx, this.organization);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A lost right ends the stream; a member without `project:read` still hears of the organization; faults pass. */
  #fail(error: unknown): void {
    if (isAppError(error) && (error.code === 'not_found' || error.code === 'unauthenticated')) {
      this.#write('event: access\ndata: {}\n\n');
      this.#end();
      return;
    }
    if (isAppError(error) && error.code === 'forbidden') return;
    this.ctx.log.warn({ err: error, request_id: this.ctx.requestId }, 'a live stream could not read');
  }

  #write(text: string): void {
    this.#controller?.enqueue(this.#encoder.encode(text));
  }

  #end(): void {
    this.onEnd();
    this.#unsubscribe();
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#gathering);
    const controller = this.#controller;
    this.#controller = null;
    try {
      controller?.close();
    } catch {
      // The peer is gone already, which is what closing is for.
    }
  }
}
