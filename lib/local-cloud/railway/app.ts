import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionCut } from '../appwrite/connection-cut';
import type { Accounts } from './accounts';
import { toCall, type Call } from './call';
import { faultRoutes } from '../fault-routes';
import type { Effect, Faults } from './faults';
import { BadRequest, readOperation, run, type Answer, type Operation } from './graphql';

type Env = { Bindings: Partial<HttpBindings> };

const MAX_BODY_BYTES = 2_000_000;
const notAuthorized: Answer = { status: 200, body: { data: null, errors: [{ message: 'Not Authorized', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } };

export interface AppParts extends Pick<Call, 'store' | 'deployer' | 'fleet'> {
  accounts: Accounts;
  faults: Faults;
  allowFaults: boolean;
  log: (line: string) => void;
}

export function createApp(parts: AppParts): Hono<Env> {
  const app = new Hono<Env>();
  if (parts.allowFaults) app.route('/_faults', faultRoutes(parts.faults));
  app.post('/graphql/v2', bodyLimit({ maxSize: MAX_BODY_BYTES }), (c) => answer(c, parts));
  app.notFound((c) => c.json({ message: 'This is a local development stand-in for Railway: only POST /graphql/v2 is answered.' }, 404));
  app.onError((error, c) => {
    if (error instanceof ConnectionCut) c.env.incoming?.socket.destroy();
    else parts.log(`Railway stand-in: ${error.message}`);
    return c.json({ errors: [{ message: 'Problem processing request', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }, 500);
  });
  return app;
}

async function answer(c: Context<Env>, parts: AppParts): Promise<Response> {
  const started = performance.now();
  let name = '';
  let status = 0;
  try {
    const operation = readOperation(await c.req.text());
    name = operation.fields.join(',');
    const effect = parts.faults.strike(operation.name === undefined ? operation.fields : [...operation.fields, operation.name]);
    const response = await strike(c, effect, async () => toResponse(await perform(c, parts, operation)));
    ({ status } = response);
    return response;
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    status = 400;
    return toResponse(error.answer);
  } finally {
    parts.faults.record({ at: new Date().toISOString(), name, status, ms: Math.round((performance.now() - started) * 10) / 10 });
  }
}

async function perform(c: Context<Env>, parts: AppParts, operation: Operation): Promise<Answer> {
  const account = parts.accounts.find(c.req.header('authorization'));
  return account === undefined ? notAuthorized : run(operation, toCall(parts, account), parts.log);
}

function toResponse({ status, body }: Answer): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json; charset=utf-8' } });
}

/** Lets the request meet its fault: before, instead of, or after the work. */
async function strike(c: Context<Env>, effect: Effect | undefined, work: () => Promise<Response>): Promise<Response> {
  switch (effect?.kind) {
    case undefined: return work();
    case 'delay':
      await sleep(effect.ms);
      return work();
    case 'hang':
      // Ends when the client gives up: nothing else would.
      await new Promise<void>((resolve) => (c.env.outgoing === undefined ? resolve() : c.env.outgoing.once('close', () => resolve())));
      throw new ConnectionCut('hang');
    case 'cut':
      if (effect.when === 'after') await work();
      throw new ConnectionCut(`cut ${effect.when}`);
    case 'rate-limit':
      return c.json({ errors: [{ message: 'Rate limit exceeded', extensions: { code: 'RATE_LIMITED' } }] }, 429, { 'retry-after': String(effect.retryAfterSeconds) });
    case 'server-error':
      return c.json({ errors: [{ message: 'Problem processing request', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }, 500);
  }
}
