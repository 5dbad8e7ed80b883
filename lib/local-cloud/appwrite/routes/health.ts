import { APPWRITE_VERSION, AppwriteError } from '../errors';
import { reply, route, type Call, type Route } from '../route';

const READ = { scopes: ['health.read'] };

export const healthRoutes: Route[] = [
  route('GET /v1/health/version', { scopes: [] }, async () => reply(200, { version: APPWRITE_VERSION })),
  route('GET /v1/health', READ, async () => reply(200, passed('http'))),
  route('GET /v1/health/db', READ, async (call) => {
    const ping = await databasePing(call);
    return reply(200, { total: 2, statuses: [passed('Console.DB (console)', ping), passed('Projects.DB (database_db_main)', ping)] });
  }),
  // There is no Redis behind the stand-in: what stands for cache and queues lives in this process, and it answers.
  route('GET /v1/health/cache', READ, async () => reply(200, { total: 1, statuses: [passed('Cache')] })),
  route('GET /v1/health/pubsub', READ, async () => reply(200, { total: 1, statuses: [passed('PubSub (pubsub)')] })),
  route('GET /v1/health/storage/local', READ, async () => reply(200, passed(''))),
  route('GET /v1/health/queue/databases', READ, async () => reply(200, { size: 0 })),
  // The real server fails here too when it cannot reach a time server.
  route('GET /v1/health/time', READ, async () => { throw new AppwriteError('general_server_error'); }),
];

function passed(name: string, ping = 0): { name: string; ping: number; status: 'pass' } {
  return { name, ping, status: 'pass' };
}

async function databasePing(call: Call): Promise<number> {
  const started = performance.now();
  await call.ns.query('SELECT 1');
  return Math.round(performance.now() - started);
}
