import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { nodeFlags } from '../../scripts/lib/node-flags.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import type { World } from '../support/data';
import { withOwner } from '../support/kept-database';
import { ms, times, type Finding } from '../support/finding';
import { percentile } from '../support/statistics';
import type { Stage } from '../support/stage';

const Requests = z.object({ requests: z.array(z.object({ method: z.string(), path: z.string(), status: z.number(), ms: z.number() })) });
const Made = z.object({ id: z.string() });

const mostAnswerMs = 50;
const mostOverRemote = 1.15;

interface Run {
  answersMs: number[];
  /** Those that were asked for in the same millisecond, when the creators started. */
  atOnceMs: number[];
  readyMs: number[];
  remoteMs: number;
  remoteCalls: number;
}

/**
 * Creating projects against the stand-in, which answers as slowly as the real Appwrite was recorded to: how long
 * the answer takes, and how much of the time until ready is ours rather than the remote calls'.
 */
export async function provisioning(stage: Stage): Promise<Finding[]> {
  const world = await stage.world(100_000);
  const port = await anyFreePort();
  const appwrite = {
    APPWRITE_PLATFORM_ENDPOINT: `http://127.0.0.1:${port}/v1`,
    APPWRITE_PLATFORM_EMAIL: 'platform@bench.test',
    APPWRITE_PLATFORM_PASSWORD: 'bench-platform-password',
    APPWRITE_PLATFORM_CAPACITY: '100000',
    LOCAL_APPWRITE_DATABASE_URL: stage.postgres.urls.appwrite,
    LOCAL_APPWRITE_PORT: String(port),
    LOCAL_APPWRITE_FAULTS: 'true',
  };
  // The servers of earlier runs are gone, so nothing may be placed on them.
  await withOwner(world.ownerUrl, (client) => client.query('update appwrite_instances set draining_since = coalesce(draining_since, now())'));
  const cloud = await stage.process('local-cloud', ['dist/local-cloud.js'], { ...stage.environment(world, 'http://127.0.0.1:1'), ...appwrite });
  const ours = await stage.studio(world, appwrite);
  const worker = await stage.process('worker', [...nodeFlags('worker'), 'dist/worker.js'], { ...stage.environment(world, ours.url), ...appwrite });
  try {
    await faults(port, 'PATCH', '', { latency: 'recorded' });
    const creators: Creator[] = [];
    for (const { cookie } of world.owners.slice(0, 8)) creators.push(await ownOrganization(world, ours.url, cookie));
    const studio = { url: ours.url, world, port };
    // The first project of an organization also makes its team at Appwrite, and fresh processes compile what they run.
    await create(studio, creators, 16);
    const alone = await create(studio, creators.slice(0, 1), 15);
    const together = await create(studio, creators, 48);
    const answers = [...alone.answersMs, ...together.answersMs].sort((a, b) => a - b);
    const p95 = percentile(answers, 0.95);
    const atOnce = Math.max(...together.atOnceMs);
    return [
      { what: 'create project: answer, p95', limit: ms(mostAnswerMs), ours: `${ms(p95)} (p50 ${ms(percentile(answers, 0.5))}; the last of eight in the same millisecond ${ms(atOnce)})`, reached: ms(p95), target: `≤ ${ms(mostAnswerMs)}`, pass: p95 <= mostAnswerMs },
      readiness('create project: ready, one at a time', alone),
      readiness('create project: ready, eight at a time', together),
    ];
  } finally {
    await worker.stop();
    await ours.stop();
    await cloud.stop();
  }
}

function readiness(what: string, { readyMs, remoteMs, remoteCalls }: Run): Finding {
  const reached = readyMs.reduce((sum, value) => sum + value, 0) / remoteMs;
  const each = remoteMs / readyMs.length;
  return {
    what,
    limit: `the remote calls, timed at the stand-in: ${ms(each)} in ${(remoteCalls / readyMs.length).toFixed(1)} calls`,
    ours: ms(each * reached),
    reached: times(reached),
    target: `≤ ${times(mostOverRemote)}`,
    pass: reached <= mostOverRemote,
  };
}

interface Studio {
  url: string;
  world: World;
  port: number;
}

interface Creator {
  cookie: string;
  organization: string;
}

/** Each creator makes a project, waits until it is ready, and makes the next, until there are so many. */
async function create({ url, world, port }: Studio, creators: readonly Creator[], count: number): Promise<Run> {
  await faults(port, 'DELETE', '/requests');
  const answersMs: number[] = [];
  const atOnceMs: number[] = [];
  const readyMs: number[] = [];
  let left = count;
  const ready = await openReadiness(world.ownerUrl);

  async function loop({ cookie, organization }: Creator): Promise<void> {
    let into = atOnceMs;
    while (left > 0) {
      left -= 1;
      const startedMs = performance.now();
      const { id } = Made.parse(await post(`${url}/api/v1/projects`, cookie, { organization_id: organization, name: `Bench ${left}` }));
      into.push(performance.now() - startedMs);
      into = answersMs;
      readyMs.push((await ready.of(id)) - startedMs);
    }
  }

  try {
    await Promise.all(creators.map(loop));
  } finally {
    await ready.close();
  }
  const { requests } = Requests.parse(await faults(port, 'GET', '/requests'));
  const failed = requests.find(({ status }) => status >= 400 || status === 0);
  if (failed !== undefined) throw new Error(`${failed.method} ${failed.path} answered ${failed.status} at the stand-in`);
  return { answersMs, atOnceMs, readyMs, remoteMs: requests.reduce((sum, request) => sum + request.ms, 0), remoteCalls: requests.length };
}

interface Waiting {
  sinceMs: number;
  resolve(atMs: number): void;
  reject(error: Error): void;
}

/** Looks every few milliseconds which projects have become ready: one question for all of them, for asking costs the machine that is measured. */
async function openReadiness(ownerUrl: string) {
  const client = new pg.Client(ownerUrl);
  await client.connect();
  const waiting = new Map<string, Waiting>();
  let open = true;

  function settle(id: string, how: (asked: Waiting) => void): void {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (asked !== undefined) how(asked);
  }

  async function look(): Promise<void> {
    const { rows } = await client.query<{ id: string; status: string }>('select public_id as id, status from projects where public_id = any($1)', [[...waiting.keys()]]);
    const nowMs = performance.now();
    for (const { id, status } of rows) {
      if (status === 'ready') settle(id, ({ resolve }) => resolve(nowMs));
      else if (status !== 'requested' && status !== 'provisioning') settle(id, ({ reject }) => reject(new Error(`the project became ${status}`)));
    }
    for (const [id, { sinceMs }] of waiting) {
      if (nowMs - sinceMs > 60_000) settle(id, ({ reject }) => reject(new Error('the project is not ready after a minute')));
    }
  }

  const ended = (async () => {
    while (open) {
      if (waiting.size > 0) await look().catch((error: unknown) => {
        for (const id of waiting.keys()) settle(id, ({ reject }) => reject(new Error('the projects could not be read', { cause: error })));
      });
      await sleep(5);
    }
  })();

  return {
    /** When the project was seen to be ready, in milliseconds of `performance.now()`. */
    of: (id: string) => new Promise<number>((resolve, reject) => waiting.set(id, { sinceMs: performance.now(), resolve, reject })),
    async close() {
      open = false;
      await ended;
      await client.end();
    },
  };
}

/** Made through the API, so that its data key is sealed with this run's key. */
async function ownOrganization(world: World, url: string, cookie: string): Promise<Creator> {
  const { id } = Made.parse(await post(`${url}/api/v1/organizations`, cookie, { name: `Provisioning ${Date.now()}` }));
  await withOwner(world.ownerUrl, (client) =>
    client.query(`update subscriptions set plan_key = 'scale' where organization_id = (select id from organizations where public_id = $1)`, [id]),
  );
  return { cookie, organization: id };
}

async function post(url: string, cookie: string, body: object): Promise<unknown> {
  const answer = await fetch(url, { method: 'POST', headers: { cookie, origin: new URL(url).origin, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

async function faults(port: number, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/_faults${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} /_faults${path} answered ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}
