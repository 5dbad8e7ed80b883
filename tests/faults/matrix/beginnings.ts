import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '@/lib/context';
import type { SystemJob } from '@/lib/kernel/actor';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { purgeProjects } from '@/lib/projects/purge-project';
import { restartStuckSagas } from '@/lib/projects/reconcile/resume-sagas';
import { restoreProject } from '@/lib/projects/restore-project';
import { retryProject } from '@/lib/projects/retry-project';
import { updateProject } from '@/lib/projects/update-project';
import type { TestStudio } from '../../support/context';
import type { SagaName } from './scenarios';

/** What a scenario does to its project: as its owner, as the system, and as time itself. */
export interface Hands {
  ctx: Ctx;
  raw: TestStudio['raw'];
  system(job: SystemJob): Ctx;
}

interface Wanted {
  organization: { id: string; rowId: string };
  name: string;
}

interface Beginning {
  from: 'nothing' | 'ready' | 'deleted';
  to: 'ready' | 'deleted' | 'purged';
  start: (hands: Hands, project: string) => Promise<unknown>;
}

/** How a project comes to where a saga begins, what begins it, and where it leads. */
const beginnings: Record<SagaName, Beginning> = {
  provision: { from: 'nothing', to: 'ready', start: () => Promise.resolve() },
  rename: { from: 'ready', to: 'ready', start: ({ ctx }, project) => updateProject(ctx, project, { name: 'Renamed' }) },
  silence: { from: 'ready', to: 'deleted', start: remove },
  restore: { from: 'deleted', to: 'ready', start: ({ ctx }, project) => restoreProject(ctx, project) },
  purge: { from: 'deleted', to: 'purged', start: purge },
};

/** Brings a project to where the saga begins. @returns its id, or null when the saga begins with the wish itself */
export async function prepare(hands: Hands, kind: SagaName, wanted: Wanted): Promise<string | null> {
  const { from } = beginnings[kind];
  if (from === 'nothing') return null;
  const { id } = await wish(hands, wanted);
  await rest(hands, wanted.organization.rowId);
  await demandStatus(hands, id, 'ready');
  if (from === 'deleted') {
    await remove(hands, id);
    await rest(hands, wanted.organization.rowId);
    await demandStatus(hands, id, 'deleted');
  }
  return id;
}

/** Begins the saga. @returns the project's id */
export async function start(hands: Hands, kind: SagaName, wanted: Wanted, prepared: string | null): Promise<string> {
  const project = prepared ?? (await wish(hands, wanted)).id;
  await beginnings[kind].start(hands, project);
  return project;
}

function wish({ ctx }: Hands, { organization, name }: Wanted): Promise<{ id: string }> {
  return createProject(ctx, { organization_id: organization.id, name, hostname: 'faults.example.com' });
}

async function remove({ ctx }: Hands, project: string): Promise<void> {
  const { name } = await getProject(ctx, project);
  await deleteProject(ctx, project, { confirm_name: name });
}

async function purge({ raw, system }: Hands, project: string): Promise<void> {
  await raw(`update projects set restorable_until = now() - interval '1 second' where public_id = $1`, [project]);
  await purgeProjects(system('janitor'));
}

async function demandStatus({ ctx }: Hands, project: string, status: string): Promise<void> {
  const seen = await getProject(ctx, project);
  if (seen.status !== status) throw new Error(`${seen.name} should be ${status} and is ${seen.status}`);
}

/** Waits until no saga is open and nothing given up is left. What waits for its time is hurried, and a stuck saga has rested enough. */
export async function rest(hands: Hands, organizationId: string, withinMs = 60_000): Promise<void> {
  const { raw, system } = hands;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const [left] = await raw<{ open: number; stuck: number }>(
      `select (select count(*) from sagas where organization_id = $1 and state in ('running', 'undoing'))::int
            + (select count(*) from appwrite_projects where organization_id = $1 and state = 'abandoned')::int as open,
              (select count(*) from projects where organization_id = $1 and status = 'purging')::int
            + (select count(*) from sagas s where organization_id = $1 and kind = 'silence' and state = 'stuck'
                 and not exists (select from sagas n where n.project_id = s.project_id and n.id > s.id))::int as stuck`,
      [organizationId],
    );
    if (left?.open === 0 && left.stuck === 0) return;
    if (performance.now() > deadline) throw new Error(`does not come to rest: ${JSON.stringify(await unrestOf(hands, organizationId))}`);
    await hurryJobs(hands, organizationId);
    if (left?.open === 0) {
      await raw(`update sagas set finished_at = finished_at - interval '1 hour' where organization_id = $1 and state = 'stuck'`, [organizationId]);
      await restartStuckSagas(system('reconciler'));
    }
    await sleep(60);
  }
}

/** What a failed scenario is told with. */
async function unrestOf({ raw }: Pick<Hands, 'raw'>, organizationId: string): Promise<object> {
  return {
    sagas: await raw('select kind, state, error, leased_until from sagas where organization_id = $1', [organizationId]),
    abandoned: await raw(`select attempt, abandoned_at from appwrite_projects where organization_id = $1 and state = 'abandoned'`, [organizationId]),
    jobs: await raw(
      `select t.identifier, j.attempts, j.max_attempts, j.run_at, j.locked_at, j.last_error
         from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where j.payload->>'organization_id' = $1::text`,
      [organizationId],
    ),
    now: await raw('select now()'),
  };
}

/** Makes due what waits for its time, and not for somebody who is at work. A job that has just failed may have been told to wait a second, and comes no sooner than that: the job runner notes when it may come again, not when it failed. */
export async function hurryJobs({ raw }: Pick<Hands, 'raw'>, organizationId: string): Promise<void> {
  await raw(
    `update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null and payload->>'organization_id' = $1::text
        and (last_error is null or run_at - exp(least(attempts, 10)) * interval '1 second' < now() - interval '1100 milliseconds')
        and not exists (select from sagas s where s.organization_id = $1::uuid and s.id::text = payload->>'saga_id' and s.leased_until > clock_timestamp())`,
    [organizationId],
  );
}

/** Whether the saga did what it was begun for. @returns null then, else how far it came */
export async function shortOf({ raw }: Pick<Hands, 'raw'>, kind: SagaName, project: string): Promise<string | null> {
  const [last] = await raw<{ state: string; status: string }>(
    `select s.state, p.status from sagas s join projects p on p.id = s.project_id where p.public_id = $1 and s.kind = $2 order by s.id desc limit 1`,
    [project, kind],
  );
  return last?.state === 'done' && last.status === beginnings[kind].to ? null : `${last?.state}, and the project is ${last?.status}`;
}

/** What could not be completed says why, and one press of its button completes it now that everything is well. */
export async function mend(hands: Hands, organizationId: string, project: string): Promise<void> {
  const { status } = await getProject(hands.ctx, project);
  if (status !== 'failed' && status !== 'stuck') return;
  const [saga] = await hands.raw<{ error: { message: string } | null }>(`select error from sagas where organization_id = $1 and kind = 'provision' order by id desc limit 1`, [organizationId]);
  if (saga?.error?.message === undefined) throw new Error(`the project is ${status} and nobody knows why`);
  await retryProject(hands.ctx, project);
  await rest(hands, organizationId);
  await demandStatus(hands, project, 'ready');
}
