import { Agent, createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as soon, setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { listen } from '../../support/listen';
import { appwrite, retryAfterMs, type CallFault, type Dialect } from './dialects';

/** Whether the call strikes out before the server has done its work, or after, so that only the answer is missing. */
interface Strike {
  fault: CallFault;
  work: 'undone' | 'done';
  times: number;
  /** Lets every call pass that changes nothing, until one came that does. */
  sparesLooks?: boolean;
}

interface Caller {
  strike: Strike | null;
  struck: number;
  /** A route that this caller is told does not exist, as an older server would. */
  refused: { method: string; path: RegExp } | null;
  /** When which route told the caller to wait. */
  limitedAtMs: Map<string, number>;
  /** The routes to which it came back too soon, each with the milliseconds that it waited. */
  hastened: string[];
}

/** One thing that an Appwrite said it made. */
export interface Made {
  path: string;
  id: string;
  /** The project that it was made in; `console` for a project itself. */
  within: string;
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

const Body = z.object({ $id: z.string().default('') });

export type InBetween = Awaited<ReturnType<typeof startInBetween>>;

const slowMs = 250;
/** What is sent side by side arrives within this time. */
const besideMs = 50;

/** Stands between callers and one server, an Appwrite when nothing else is said. Each caller has an address of its own here, so that many can meet different faults at once. */
export async function startInBetween(serverUrl: string, { answers, preliminary, isLook }: Dialect = appwrite) {
  const target = new URL(serverUrl);
  const agent = new Agent({ keepAlive: true });
  const callers = new Map<string, Caller>();
  const made: Made[] = [];

  const callerOf = (name: string): Caller => {
    const known = callers.get(name) ?? { strike: null, struck: 0, refused: null, limitedAtMs: new Map(), hastened: [] };
    callers.set(name, known);
    return known;
  };

  async function forward(incoming: IncomingMessage, path: string, body: Buffer): Promise<Answer> {
    const { host: _, ...headers } = incoming.headers;
    const answer = await new Promise<Answer>((resolve, reject) => {
      const outgoing = ask({ agent, host: target.hostname, port: target.port, method: incoming.method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) }));
        answer.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    if (incoming.method === 'POST' && answer.status === 201) made.push({ path, id: Body.parse(JSON.parse(answer.body.toString())).$id, within: String(headers['x-appwrite-project']) });
    return answer;
  }

  async function pass(incoming: IncomingMessage, response: ServerResponse, path: string, body: Buffer): Promise<void> {
    const answer = await forward(incoming, path, body);
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', path = ''] = /^\/callers\/([^/]+)(\/.*)$/.exec(incoming.url ?? '') ?? [];
    const caller = callerOf(name);
    const body = await read(incoming);
    if (preliminary?.test(path) === true) return pass(incoming, response, path, body);
    const route = `${incoming.method} ${path.split('?', 1).join()}`;
    const waitedMs = performance.now() - (caller.limitedAtMs.get(route) ?? -Infinity);
    if (waitedMs < retryAfterMs - 5) caller.hastened.push(`${route} after ${Math.round(waitedMs)} ms`);
    const { strike, refused } = caller;
    if (refused !== null && refused.method === incoming.method && refused.path.test(path)) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
      return;
    }
    if (strike === null || strike.times === 0 || (strike.sparesLooks === true && isLook(body.toString()))) return pass(incoming, response, path, body);
    strike.sparesLooks = false;
    strike.times -= 1;
    caller.struck += 1;
    if (strike.fault === 'slow') {
      if (strike.work === 'undone') await sleep(slowMs);
      const answer = await forward(incoming, path, body);
      if (strike.work === 'done') await sleep(slowMs);
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    if (strike.work === 'done') await forward(incoming, path, body);
    if (strike.fault === '429') {
      // Calls that left before anybody was told to wait have not come back too soon.
      await sleep(besideMs);
      await soon();
      caller.limitedAtMs.set(route, performance.now());
    }
    answerWrongly(strike.fault, response);
  }

  function answerWrongly(fault: Exclude<CallFault, 'slow'>, response: ServerResponse): void {
    if (fault === 'timeout') return;
    if (fault === 'reset') {
      response.socket?.resetAndDestroy();
      return;
    }
    const { status, headers, body } = answers[fault];
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  const url = await listen(server);

  return {
    made,
    endpointOf: (name: string) => `${url}/callers/${name}${target.pathname}`,
    /** From now on the next calls of this caller meet the fault. */
    arm(name: string, strike: Strike): void {
      callerOf(name).strike = strike;
    },
    /** From now on it strikes looks as well. */
    spareNothing(name: string): void {
      const { strike } = callerOf(name);
      if (strike !== null) strike.sparesLooks = false;
    },
    refuse(name: string, refused: Caller['refused']): void {
      callerOf(name).refused = refused;
    },
    /** Everything is well again. @returns how often the fault struck, and where a wish to wait was ignored */
    heal(name: string): Pick<Caller, 'struck' | 'hastened'> {
      const { struck, hastened } = callerOf(name);
      callers.delete(name);
      return { struck, hastened };
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(asBuffer(chunk));
  return Buffer.concat(chunks);
}

function asBuffer(chunk: unknown): Buffer {
  if (!Buffer.isBuffer(chunk)) throw new Error('a request comes in buffers');
  return chunk;
}
