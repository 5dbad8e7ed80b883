import { Hono } from 'hono';
import { families } from '@/app/api/_routes/doors';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import type { Cache } from '@/lib/adapters/cache/port';
import type { Ctx } from '@/lib/context';
import { answerProblems, createApi, type ApiEnvironment } from '@/lib/http/api';
import type { Door } from '@/lib/http/door';
import { eventRoutes } from '@/lib/http/events';
import { logRoutes } from '@/lib/http/log-stream';
import { openNotices } from '@/lib/http/notices';
import { testComposition } from '../../support/api';
import type { TestDeployments } from '../../deployments/support/studio';
import { operationAt, operationsOf, type Operation } from './operations';
import type { Filled } from './requests';

export interface Heard {
  status: number;
  /** Headers and body, as they came. */
  text: string;
  json: unknown;
  requestId: string;
  /** Goes on for as long as it is listened to; only its beginning is here. */
  isStream: boolean;
  /** The answer began and did not come to its end. */
  brokeOff: boolean;
}

export interface Front {
  /** Every route of this front, those that the reference does not describe too. */
  operations: Operation[];
  ask(request: Filled, headers: Record<string, string>, family?: string): Promise<Heard>;
  /** Forgets what the process remembers, as another process would not know it. */
  forget(): void;
  close(): Promise<void>;
}

/** A live stream tells what it has to tell at once in this time. */
const streamMs = 80;

/** The routes of Studio in this process, as `server.ts` mounts them, with any list of doors. */
export function openFront(studio: TestDeployments, doors: readonly Door[], changes: Partial<Ctx> = {}): Front {
  const cache = forgetfulCache();
  const composition = testComposition({ ...studio, organization: studio.newOrganization }, {}, { cache, ...changes });
  const notices = openNotices(composition);
  const logs = logRoutes(composition);
  const app = new Hono<ApiEnvironment>();
  answerProblems(app, composition, doors, families);
  app.route('/', eventRoutes(composition, notices));
  app.route('/', logs.routes);
  app.route('/', createApi(composition, doors, families));

  const described = operationsOf(doors);
  const [family = ''] = families;
  const known = new Set(described.map(({ name }) => name));
  const beside = logs.routes.routes.filter(({ path }) => path.startsWith(family)).map(({ method, path }) => operationAt(method, path.slice(family.length)));

  return {
    operations: [...described, ...beside.filter(({ name }) => !known.has(name))],
    forget: () => cache.forget(),
    async ask({ method, path, body }, headers, under = family) {
      const sent = { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const response = await app.request(under + path, { method, headers: sent, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      let brokeOff = false;
      const text = isStream
        ? await beginning(response)
        : await response.text().catch(() => {
            brokeOff = true;
            return '';
          });
      const json: unknown = response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : undefined;
      const shown = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
      return { status: response.status, isStream, brokeOff, text: `${shown}\n\n${text}`, json, requestId: response.headers.get('x-request-id') ?? '' };
    },
    async close() {
      logs.close();
      await notices.close();
    },
  };
}

async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  const untilMs = performance.now() + streamMs;
  let text = '';
  for (let leftMs = streamMs; leftMs > 0; leftMs = untilMs - performance.now()) {
    const chunk = await Promise.race([reader.read(), new Promise<null>((resolve) => setTimeout(() => resolve(null), leftMs))]);
    if (chunk === null || chunk.done) break;
    text += decoder.decode(chunk.value, { stream: true });
  }
  await reader.cancel();
  return text;
}

function forgetfulCache(): Cache & { forget(): void } {
  // Room is made beforehand, and it is made anew for every request.
  const empty = () => createMemoryCache({ most: 200 });
  let inner = empty();
  return {
    getMany: (keys) => inner.getMany(keys),
    set: (key, value, maxAgeMs) => inner.set(key, value, maxAgeMs),
    clear: (keys) => inner.clear(keys),
    bump: (keys) => inner.bump(keys),
    sure: () => inner.sure(),
    close: () => inner.close(),
    forget() {
      inner = empty();
    },
  };
}
