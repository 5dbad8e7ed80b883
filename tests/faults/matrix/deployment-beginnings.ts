import { setTimeout as sleep } from 'node:timers/promises';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { refreshStale } from '@/lib/deployments/refresh-deployments';
import { rollback } from '@/lib/deployments/repeat-deployment';
import { removeService } from '@/lib/deployments/service/remove-service';
import { createProject } from '@/lib/projects/create-project';
import { changeVariables } from '@/lib/projects/env/change-variables';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { listKeys } from '@/lib/projects/key/list-keys';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { hurryJobs, rest, type Hands } from './beginnings';
import type { Course } from './deployment-scenarios';

/** What an app of a scenario is deployed from; it answers with the greeting of its environment and its key. */
export const matrixRepository = 'acme/matrix';
export const matrixAnswer = `[process.env.GREETING, process.env.APPWRITE_API_KEY].join(' ')`;

/** A project in which a saga of a deployment can begin. */
export interface Scene {
  course: Course;
  organization: { id: string; rowId: string };
  project: string;
  environment: EnvironmentName;
  /** The deployment that is gone back to; null where there is none. */
  first: string | null;
  /** Deployments that the scene needed, all of which Railway had. */
  before: number;
}

/** Of the deployment that is to be up in the end: going back brings the variables of then along. */
export const greeting = 'first';

/** Brings a project to where the saga begins. */
export async function setScene(hands: Hands, course: Course, { organization, name }: Pick<Scene, 'organization'> & { name: string }): Promise<Scene> {
  const { ctx } = hands;
  const { id: project } = await createProject(ctx, { organization_id: organization.id, name });
  await rest(hands, organization.rowId);
  // Railway makes production with its project; another environment has to be made there by the saga.
  const environment = course.kind === 'deploy' ? 'staging' : 'production';
  if (environment === 'staging') await createEnvironment(ctx, project, { name: environment });
  const scene = { course, organization, project, environment, first: null, before: 0 } as const;
  await greet(hands, scene, greeting);
  if (course.kind === 'deploy') return scene;
  const { id: first } = await createDeployment(ctx, project, deploymentOf(scene));
  await demandUp(hands, scene, first);
  if (course.kind === 'remove-service') return { ...scene, before: 1 };
  await greet(hands, scene, 'second');
  await demandUp(hands, scene, await deployAgain(hands, scene));
  return { ...scene, first, before: 2 };
}

/** Begins the saga. @returns the deployment's id; null where one is removed */
export async function begin({ ctx }: Hands, scene: Scene): Promise<string | null> {
  const { course, project, environment, first } = scene;
  if (course.kind === 'deploy') return (await createDeployment(ctx, project, deploymentOf(scene))).id;
  if (first !== null) return (await rollback(ctx, project, first)).id;
  await removeService(ctx, project, { environment });
  return null;
}

const deploymentOf = ({ environment }: Pick<Scene, 'environment'>) => ({ environment, source: { kind: 'repository', repository: matrixRepository } });

async function greet({ ctx }: Hands, { project, environment }: Scene, value: string): Promise<void> {
  await changeVariables(ctx, project, { variables: [{ name: 'GREETING', value, secret: false }] }, { environment });
}

/** A person deploys again, or exchanges the key, which deploys again by itself. @returns the id of that deployment */
async function deployAgain({ ctx, raw }: Hands, { course, project, environment }: Scene): Promise<string> {
  if (!course.rotated) return (await createDeployment(ctx, project, { environment })).id;
  const [key] = (await listKeys(ctx, project)).data;
  await rotateKey(ctx, project, key?.id ?? '', { overlap_seconds: 3_600 });
  const [newest] = await raw<{ id: string }>('select d.public_id as id from deployments d join projects p on p.id = d.project_id where p.public_id = $1 order by d.number desc limit 1', [project]);
  return newest?.id ?? '';
}

async function demandUp(hands: Hands, { project, organization }: Scene, deployment: string): Promise<void> {
  await quiet(hands, organization.rowId);
  const { status, reason } = await getDeployment(hands.ctx, project, deployment);
  if (status !== 'SUCCESS') throw new Error(`a deployment without a fault should be up and is ${status}: ${reason}`);
}

/** Waits until no saga is open and no job of the organization is left, which are looks and lines to keep as well. One that lost its place to a newer one while it ran stays in the queue when it fails, and is never tried again. */
export async function quiet(hands: Hands, organizationId: string, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  await rest(hands, organizationId, withinMs);
  for (;;) {
    const jobs = await hands.raw<{ what: string }>(
      `select t.identifier || ' tried ' || j.attempts || ' times, ' || case when j.locked_at is null then 'due in ' || j.run_at - now() else 'at work for ' || now() - j.locked_at end || coalesce(': ' || j.last_error, '') as what from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
        where j.payload->>'organization_id' = $1 and (j.key is not null or j.attempts < j.max_attempts)`,
      [organizationId],
    );
    if (jobs.length === 0) return;
    if (performance.now() > deadline) throw new Error(`jobs are left: ${jobs.map(({ what }) => what).join('; ')}`);
    await hurryJobs(hands, organizationId);
    await sleep(60);
  }
}

/** What the clock does for deployments once some minutes have passed. */
export async function minutesPass(hands: Hands, organizationId: string): Promise<void> {
  await hands.raw(`update deployments set seen_at = seen_at - interval '1 hour' where organization_id = $1`, [organizationId]);
  await refreshStale(hands.system('reconciler'));
  await quiet(hands, organizationId);
}
