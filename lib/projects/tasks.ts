import { setTimeout as sleep } from 'node:timers/promises';
import type { CronItem } from 'graphile-worker';
import { z } from 'zod';
import { gatewayEndpoint } from '@/lib/gateway/endpoint';
import type { Ctx, Ports } from '@/lib/context';
import type { SystemJob } from '@/lib/kernel/actor';
import { isAppError } from '@/lib/kernel/errors';
import { newUuid } from '@/lib/kernel/ids';
import { removeAttempt } from './attempt/remove-attempt';
import { registerInstance } from './instance/register-instance';
import { retireKey } from './key/retire-key';
import { purgeProjects } from './purge-project';
import { reconcile } from './reconcile/reconcile';
import { resumeLostSagas } from './reconcile/resume-sagas';
import { projectSagas } from './sagas';
import type { AnySaga } from '@/lib/sagas/definition';
import { killAt, noFaults } from '@/lib/sagas/fault';
import { runSaga, type SagaOptions } from '@/lib/sagas/run';

type Task = (payload: unknown) => Promise<void>;

const uuid = z.uuid();
const RunSaga = z.object({ organization_id: uuid, saga_id: uuid });
const RemoveAttempt = z.object({ organization_id: uuid, attempt_id: uuid });

const RetireKey = z.object({ organization_id: uuid, key_id: uuid });

/** What of the environment concerns projects. */
interface ProjectSettings {
  STUDIO_MODE: 'local' | 'production';
  STUDIO_URL: string;
  GATEWAY_URL?: string | undefined;
  FAULT?: string | undefined;
  APPWRITE_PLATFORM_ENDPOINT?: string | undefined;
  APPWRITE_PLATFORM_PUBLIC_ENDPOINT?: string | undefined;
  APPWRITE_PLATFORM_ISOLATION: 'namespace' | 'shared';
  APPWRITE_PLATFORM_CAPACITY?: number | undefined;
  LOCAL_APPWRITE_PORT?: number | undefined;
}

interface Process {
  ports: Ports;
  env: ProjectSettings;
}

/** The tasks of a worker process, with the Appwrite server of its environment made known first. */
export async function createProjectTasks({ ports, env }: Process, sagas: AnySaga): Promise<Record<string, Task>> {
  if (env.APPWRITE_PLATFORM_ENDPOINT === undefined) ports.log.warn({}, 'APPWRITE_PLATFORM_ENDPOINT is not set: projects wait until a server is registered');
  else await whenFree(ports, () => registerInstance(ports, configuredInstance(env)));
  return projectTasks(ports, { sagas, faults: env.FAULT === undefined ? noFaults : killAt(env.FAULT) });
}

/** As long as Postgres lets a transaction stand still, and some more. */
const busyForMs = 30_000;

/** A worker that stands still while it places a project holds the server's row: the next one waits for it instead of dying. */
async function whenFree<Result>({ log, clock }: Ports, work: () => Promise<Result>): Promise<Result> {
  const untilMs = clock.monotonicMs() + busyForMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error) || error.code !== 'unavailable' || clock.monotonicMs() > untilMs) throw error;
      log.warn({ err: error }, 'the Appwrite server cannot be registered yet; trying again');
      await sleep(500);
    }
  }
}

function configuredInstance(env: ProjectSettings): object {
  return {
    endpoint: env.APPWRITE_PLATFORM_ENDPOINT,
    // Apps live outside the private network; on one machine they reach the server itself.
    public_endpoint: env.APPWRITE_PLATFORM_PUBLIC_ENDPOINT ?? (env.STUDIO_MODE === 'production' ? gatewayEndpoint(env) : undefined),
    isolation: env.APPWRITE_PLATFORM_ISOLATION,
    capacity: env.APPWRITE_PLATFORM_CAPACITY,
    stand_in: env.LOCAL_APPWRITE_PORT !== undefined && env.APPWRITE_PLATFORM_ENDPOINT === `http://127.0.0.1:${env.LOCAL_APPWRITE_PORT}/v1`,
  };
}

/** What the worker does for projects, by task name. Payloads come from the outbox, which adds the organization. */
export function projectTasks(ports: Ports, options: Partial<SagaOptions> = {}): Record<string, Task> {
  return {
    async 'run-saga'(payload) {
      const job = RunSaga.parse(payload);
      await runSaga(systemCtx(ports, 'provisioning'), job.organization_id, job.saga_id, { sagas: projectSagas, ...options });
    },
    async 'remove-attempt'(payload) {
      const job = RemoveAttempt.parse(payload);
      await removeAttempt(systemCtx(ports, 'provisioning'), job.organization_id, job.attempt_id);
    },
    async 'retire-key'(payload) {
      const job = RetireKey.parse(payload);
      await retireKey(systemCtx(ports, 'reconciler'), job.organization_id, job.key_id);
    },
    async 'resume-sagas'() {
      await resumeLostSagas(systemCtx(ports, 'reconciler'));
    },
    async reconcile() {
      await reconcile(systemCtx(ports, 'reconciler'));
    },
    async 'purge-projects'() {
      await purgeProjects(systemCtx(ports, 'janitor'));
    },
  };
}

/** What runs by the clock. */
export const projectCrontab: CronItem[] = [
  { task: 'reconcile', match: '*/10 * * * *', identifier: 'reconcile' },
  { task: 'purge-projects', match: '23 * * * *', identifier: 'purge-projects' },
];

/** A job acts as a named system actor, never as the person who caused it. */
export function systemCtx(ports: Ports, job: SystemJob): Ctx {
  return { ...ports, actor: { kind: 'system', job }, requestId: newUuid(), ip: null, userAgent: null };
}
