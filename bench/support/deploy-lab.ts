import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { noticeChannel } from '@/db/platform/notify';
import { nodeFlags } from '../../scripts/lib/node-flags.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { apiClient, type Api } from './api-client';
import type { World } from './data';
import { withOwner } from './kept-database';
import { localRailway, type LocalRailway } from './railway';
import type { Running } from './processes';
import type { Server, Stage } from './stage';

const Made = z.object({ id: z.string() });
const Deployment = z.object({ id: z.string(), status: z.string(), reason: z.string().nullable(), url: z.string().nullable() });

export type Deployment = z.infer<typeof Deployment>;

const longestUnheardMs = 1_000;

/** Studio with a local Appwrite and a local Railway, all of them real processes, and organizations that are connected. */
export interface DeployLab {
  world: World;
  studio: Server;
  worker: Running;
  railway: LocalRailway;
  /** One that is ready. */
  project(): Promise<Project>;
  /** Projects that are ready, spread over the organizations. */
  projects(count: number): Promise<Project[]>;
  deploy(project: Project): Promise<Deployment>;
  /** Any other end is an error. */
  isUp(deployment: string): Promise<void>;
  /** The deployment as the API shows it once it is up. */
  up(project: Project, deployment: string): Promise<Deployment>;
}

interface Organization {
  id: string;
  /** Of its owner. */
  cookie: string;
  api: Api;
}

export interface Project extends Omit<Organization, 'id'> {
  /** Public id. */
  id: string;
}

/** Opens a lab for one row and ends all of it afterwards, also when the row fails. */
export async function inLab<Result>(stage: Stage, { organizations, size = 100_000 }: { organizations: number; size?: number }, work: (lab: DeployLab) => Promise<Result>): Promise<Result> {
  const world = await stage.world(size);
  await withOwner(world.ownerUrl, forgetEarlier);
  const opened: { stop(): Promise<void> }[] = [];
  const open = async <Process extends { stop(): Promise<void> }>(starting: Promise<Process>): Promise<Process> => {
    const started = await starting;
    opened.unshift(started);
    return started;
  };
  try {
    const railway = await open(localRailway(stage));
    const variables = { ...(await appwriteOf(stage)), RAILWAY_API_URL: railway.endpoint };
    const cloud = { ...stage.environment(world, 'http://127.0.0.1:1'), ...variables };
    await open(stage.process('local-cloud', ['dist/local-cloud.js'], cloud));
    const studio = await open(stage.studio(world, variables));
    const worker = await open(stage.process('worker', [...nodeFlags('worker'), 'dist/worker.js'], { ...stage.environment(world, studio.url), ...variables }));
    const places: Organization[] = [];
    for (const { cookie } of world.owners.slice(0, organizations)) places.push(await connected({ world, studio, railway }, cookie));
    return await work(labOf({ world, studio, worker, railway }, places));
  } finally {
    for (const { stop } of opened) await stop();
  }
}

/** The servers of earlier runs are gone: nothing may be placed on them, and nobody should look after what was deployed there. */
async function forgetEarlier(client: pg.Client): Promise<void> {
  await client.query('update appwrite_instances set draining_since = coalesce(draining_since, now())');
  await client.query('delete from railway_connections');
  await client.query(`update sagas set state = 'stuck', finished_at = now(), leased_until = null where service_id is not null and state in ('running', 'undoing')`);
}

async function appwriteOf({ postgres }: Stage): Promise<Record<string, string>> {
  const port = await anyFreePort();
  return {
    APPWRITE_PLATFORM_ENDPOINT: `http://127.0.0.1:${port}/v1`,
    APPWRITE_PLATFORM_EMAIL: 'platform@bench.test',
    APPWRITE_PLATFORM_PASSWORD: 'bench-platform-password',
    APPWRITE_PLATFORM_CAPACITY: '100000',
    LOCAL_APPWRITE_DATABASE_URL: postgres.urls.appwrite,
    LOCAL_APPWRITE_PORT: String(port),
  };
}

type Processes = Pick<DeployLab, 'world' | 'studio' | 'worker' | 'railway'>;

/** The organization is made through the API, so that its data key is sealed with this run's key. */
async function connected({ world, studio, railway }: Omit<Processes, 'worker'>, cookie: string): Promise<Organization> {
  const api = apiClient(studio.url, cookie);
  const { id } = await api.send(Made, 'POST', '/organizations', { name: `Deployments ${Date.now()}` });
  await withOwner(world.ownerUrl, (client) =>
    client.query(`update subscriptions set plan_key = 'scale' where organization_id = (select id from organizations where public_id = $1)`, [id]),
  );
  await api.send(z.unknown(), 'PUT', `/organizations/${id}/railway`, { token: railway.token });
  return { id, cookie, api };
}

function labOf(processes: Processes, organizations: readonly Organization[]): DeployLab {
  async function create(n: number): Promise<Project> {
    const place = organizations[n % organizations.length];
    if (place === undefined) throw new Error('there is no organization to deploy in');
    const { id } = await place.api.send(Made, 'POST', '/projects', { organization_id: place.id, name: `Deployed ${n}` });
    return { id, cookie: place.cookie, api: place.api };
  }

  async function projects(count: number): Promise<Project[]> {
    const made: Project[] = [];
    for (let n = 0; n < count; n += 1) made.push(await create(n));
    await ready(processes.world, made.map(({ id }) => id));
    return made;
  }

  const isUp = (deployment: string) => withOwner(processes.world.ownerUrl, (client) => end(client, deployment));

  return {
    ...processes,
    projects,
    async project() {
      const [made] = await projects(1);
      if (made === undefined) throw new Error('no project was made');
      return made;
    },
    deploy: ({ id, api }) => api.send(Deployment, 'POST', `/projects/${id}/deployments`, { source: processes.railway.source }),
    isUp,
    async up({ id, api }, deployment) {
      await isUp(deployment);
      return api.get(Deployment, `/projects/${id}/deployments/${deployment}`);
    },
  };
}

/** Heard from the database at the moment of the commit: asking again and again would take the machine from what is measured. */
async function end(client: pg.Client, deployment: string): Promise<void> {
  await client.query(`listen ${noticeChannel}`);
  for (const deadlineMs = performance.now() + 60_000; performance.now() < deadlineMs; ) {
    const over = new AbortController();
    const told = once(client, 'notification', { signal: over.signal });
    told.catch(() => undefined);
    const { rows } = await client.query<{ status: string; reason: string | null }>('select status, reason from deployments where public_id = $1 and finished_at is not null', [deployment]);
    const [found] = rows;
    if (found === undefined) await Promise.race([told, sleep(longestUnheardMs)]);
    over.abort();
    if (found?.status === 'SUCCESS') return;
    if (found !== undefined) throw new Error(`the deployment became ${found.status}: ${found.reason}`);
  }
  throw new Error('the deployment has not ended after a minute');
}

async function ready({ ownerUrl }: World, ids: readonly string[]): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    for (const deadlineMs = performance.now() + 120_000; performance.now() < deadlineMs; await sleep(100)) {
      const { rows } = await client.query<{ status: string }>(`select distinct status from projects where public_id = any($1) and status <> 'ready'`, [ids]);
      if (rows.length === 0) return;
      const lost = rows.find(({ status }) => status !== 'requested' && status !== 'provisioning');
      if (lost !== undefined) throw new Error(`a project became ${lost.status}`);
    }
    throw new Error('the projects are not ready after two minutes');
  });
}
