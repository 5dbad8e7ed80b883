import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run as runWorker, runOnce, type Runner } from 'graphile-worker';
import type { Deadlines } from '@/lib/adapters/appwrite/node-appwrite/connection';
import type { RailwayAccess } from '@/lib/adapters/railway/access';
import type { Ports } from '@/lib/context';
import { createAppwriteStandIn, type StandIn } from '@/lib/local-cloud/appwrite/server';
import type { Clock } from '@/lib/kernel/clock';
import { isAppError } from '@/lib/kernel/errors';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { createAppwriteInstances } from '@/lib/projects/instance/instances';
import { registerInstance } from '@/lib/projects/instance/register-instance';
import type { AnySaga } from '@/lib/sagas/definition';
import type { SagaOptions } from '@/lib/sagas/run';
import type { CreatedProject } from '@/lib/projects/schemas';
import { projectSagas } from '@/lib/projects/sagas';
import { projectTasks } from '@/lib/projects/tasks';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { testDatabase, withClient } from '../support/postgres';

export const platformAccount = { email: 'platform@studio.test', password: 'platform-password-1' };

/** The Appwrite stand-in on a port of its own. */
export interface TestAppwrite {
  url: string;
  standIn: StandIn;
  /** Everything it holds for projects: tables, keys, platforms and folders of files, each by a name of its own. */
  holdings(): Promise<string[]>;
  close(): Promise<void>;
}

export async function testAppwrite(): Promise<TestAppwrite> {
  const database = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'appwrite-test-'));
  const standIn = await createAppwriteStandIn({ databaseUrl: database.ownerUrl, dataDir, mode: 'local', log: () => undefined, settings: { deleteDelayMs: 30 } });
  const server = await standIn.listen(0);
  return {
    url: `${server.url}/v1`,
    standIn,
    async holdings() {
      const { rows } = await withClient(database.ownerUrl, (client) => client.query<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = 'appwrite' and tablename ~ '^_[0-9]'
         union all select 'key ' || _uid from appwrite._console_keys union all select 'platform ' || _uid from appwrite._console_platforms`,
      ));
      const folders = await readdir(path.join(dataDir, 'uploads')).catch(() => []);
      return [...rows.map(({ name }) => name), ...folders].sort();
    },
    async close() {
      await server.close();
      await standIn.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type WorkerOptions = Omit<SagaOptions, 'sagas'>;

/** A studio with an Appwrite to provision on, and its jobs in the test's own hands. */
export interface TestProjects extends Omit<TestStudio, 'organization'> {
  appwrite: TestAppwrite;
  ports: Ports;
  instanceId: string;
  owner: Person;
  organization: { id: string; rowId: string };
  newOrganization: TestStudio['organization'];
  /** Runs every job that is due now, in this process. */
  drain(options?: WorkerOptions): Promise<void>;
  /** Lets time pass for breakers and retry budgets, and for nothing else. */
  passTime(ms: number): void;
  /** Runs one task now, as the clock would. */
  job(task: string): Promise<void>;
  /** A worker that takes jobs as they come. */
  worker(options?: WorkerOptions): Promise<Runner>;
  /** Makes everything that waits for later due now. */
  hurry(): Promise<void>;
  /** Runs jobs, hurrying what waits, until `settled` holds. */
  settle(settled: () => Promise<boolean>, options?: WorkerOptions): Promise<void>;
}

interface Options {
  deadlines?: Partial<Deadlines>;
  /** For tests that deploy, with the sagas of deployments; made when the address of Appwrite is known. */
  railway?: (appwriteUrl: string) => Promise<RailwayAccess>;
  sagas?: AnySaga;
  /** Shared with processes that open what this studio sealed. */
  vaultKey?: Buffer;
}

export async function testProjects({ deadlines, railway, sagas = projectSagas, vaultKey = randomBytes(32) }: Options = {}): Promise<TestProjects> {
  const appwrite = await testAppwrite();
  let passedMs = 0;
  const clock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() + passedMs };
  const studio = await testStudio({ clock, vaultKey, ...(railway === undefined ? {} : { railway: await railway(appwrite.url) }) });
  const base = studio.ctx({ kind: 'anonymous' });
  const instances = createAppwriteInstances({
    database: base.database, vault: base.vault, log: base.log, clock: base.clock, credentials: platformAccount,
    ...(deadlines === undefined ? {} : { deadlines }),
  });
  const { actor: _, requestId: __, ip: ___, userAgent: ____, ...rest } = base;
  const ports: Ports = { ...rest, appwrite: instances };
  const instanceId = await registerInstance(ports, { endpoint: appwrite.url, capacity: 1_000 });
  const person = await studio.person();
  const owner = { ...person, ctx: { ...person.ctx, appwrite: instances } };
  const organization = await studio.organization(owner);
  await studio.raw(`update subscriptions set plan_key = 'scale' where organization_id = $1`, [organization.rowId]);

  const hurry = async () => {
    await studio.raw(`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null`);
  };
  const drain = (options: WorkerOptions = {}) => runOnce({ connectionString: studio.urls.jobsUrl, noHandleSignals: true, taskList: projectTasks(ports, { sagas, ...options }), logger: silent });

  return {
    ...studio,
    ctx: (actor, changes) => studio.ctx(actor, { appwrite: instances, ...changes }),
    async person(options) {
      const made = await studio.person(options);
      return { ...made, ctx: { ...made.ctx, appwrite: instances } };
    },
    appwrite,
    ports,
    instanceId,
    owner,
    organization,
    newOrganization: studio.organization,
    drain,
    passTime(ms) {
      passedMs += ms;
    },
    async job(task) {
      const run = projectTasks(ports)[task];
      if (run === undefined) throw new Error(`there is no task ${task}`);
      await run({});
    },
    worker: (options = {}) =>
      runWorker({ connectionString: studio.urls.jobsUrl, noHandleSignals: true, taskList: projectTasks(ports, { sagas, ...options }), pollInterval: 100, concurrency: 8, logger: silent }),
    hurry,
    async settle(settled, options) {
      for (let round = 0; round < 60; round += 1) {
        await drain(options);
        if (await settled()) return;
        await hurry();
      }
      throw new Error('the jobs did not settle');
    },
    async close() {
      await studio.close();
      await appwrite.close();
    },
  };
}

/** `ok`, or the code of the refusal. */
export async function attempt(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

/** What the log says about a thing, oldest first. */
export async function auditActions(studio: TestProjects, targetId: string): Promise<string[]> {
  const rows = await studio.raw<{ action: string }>(`select action from audit_logs where target_id = $1 and outcome = 'allowed' order by id`, [targetId]);
  return rows.map(({ action }) => action);
}

export async function stepUp(studio: TestProjects): Promise<void> {
  await studio.raw('update user_sessions set stepped_up_at = now() where id = $1', [studio.owner.sessionId]);
}

/** The id under which a project lives at Appwrite. */
export async function appwriteIdOf(studio: TestProjects, project: string): Promise<string> {
  const [row] = await studio.raw<{ id: string }>(
    `select a.appwrite_project_id as id from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1 and a.state in ('chosen', 'live')`,
    [project],
  );
  if (row === undefined) throw new Error('the project has no attempt under way');
  return row.id;
}

/** A project of the owner's organization that has been provisioned. */
export async function readyProject(studio: TestProjects, name: string): Promise<CreatedProject> {
  const created = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name });
  await studio.settle(async () => (await getProject(studio.owner.ctx, created.id)).status === 'ready');
  return created;
}

const silent = new (await import('graphile-worker')).Logger(() => () => undefined);
