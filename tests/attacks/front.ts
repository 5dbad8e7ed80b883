import { Hono } from 'hono';
import { pino } from 'pino';
import { doors, families } from '@/app/api/_routes/doors';
import type { Composition } from '@/lib/composition';
import type { Ctx } from '@/lib/context';
import { answerProblems, createApi, type ApiEnvironment } from '@/lib/http/api';
import { eventRoutes } from '@/lib/http/events';
import { createHealth } from '@/lib/http/health';
import { logRoutes } from '@/lib/http/log-stream';
import { openNotices } from '@/lib/http/notices';
import { railwayHookRoutes } from '@/lib/http/railway-hook';
import { referenceRoutes } from '@/lib/http/reference';
import { testComposition } from '../support/api';
import type { TestStudio } from '../support/context';

export interface Asked {
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer> | undefined;
}

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

export interface Front {
  composition: Composition;
  app: Hono<ApiEnvironment>;
  ask(method: string, path: string, asked?: Asked): Promise<Answered>;
  /** What the process would have written to its log. */
  lines: string[];
  close(): Promise<void>;
}

export interface FrontOptions {
  environment?: Record<string, string>;
  changes?: Partial<Ctx>;
}

/** Everything that stands in front of Next, put together as the server does, in this process. */
export function frontOf(studio: TestStudio, { environment = {}, changes = {} }: FrontOptions = {}): Front {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const composition: Composition = { ...testComposition(studio, environment, changes), log };
  const notices = openNotices(composition);
  const logs = logRoutes(composition);
  const app = new Hono<ApiEnvironment>();
  answerProblems(app, composition, doors, families);
  app.route('/', createHealth(composition).routes);
  app.route('/', eventRoutes(composition, notices));
  app.route('/', logs.routes);
  app.route('/', railwayHookRoutes(composition));
  app.route('/', referenceRoutes(doors));
  app.route('/', createApi(composition, doors, families));

  return {
    composition,
    app,
    lines,
    async ask(method, path, { headers = {}, body } = {}) {
      const response = await app.request(`http://studio.test${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
      return { status: response.status, headers: response.headers, text: await textOf(response) };
    },
    async close() {
      logs.close();
      await notices.close();
    },
  };
}

/** A stream never ends by itself: its first part is enough to know that it was opened. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response.text();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value);
}
