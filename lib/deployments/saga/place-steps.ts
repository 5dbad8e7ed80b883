import type { TenantTx } from '@/db/platform/client';
import { railwayFailureOf, type Named, type Railway } from '@/lib/adapters/railway/port';
import { done, type Step, type StepOutcome, type StepRun } from '@/lib/sagas/definition';
import { railwayOf, type DeployTarget } from './target';

type Run = StepRun<DeployTarget>;

/** Finds or makes the Railway project of the project. Its name was kept before, so that one whose making was answered to nobody is found. */
export const target: Step<DeployTarget> = {
  key: 'target',
  async run(run) {
    const { projectStatus, railwayProject, connection } = run.target;
    if (projectStatus !== 'ready') return giveUp('The project is not ready any more, so nothing was deployed.');
    if (railwayProject === null) throw new Error('no name was kept for the project at Railway');
    if (connection !== null && connection.workspaceId !== railwayProject.workspaceId) {
      return giveUp('The organization is connected to another workspace of Railway now. Connect the one before again, or remove the app there first.');
    }
    const railway = railwayOf(run);
    if (railwayProject.id !== null && (await stillThere(run, railway, railwayProject.id))) return done();
    if (await anotherIsFirst(run)) return { kind: 'pending', reason: 'Another deployment makes the project at Railway right now.', afterMs: 500 };
    const wanted = { workspaceId: railwayProject.workspaceId, name: railwayProject.name };
    // Always looked for: an attempt that was told to wait, or a deployment that was given up, may have made it and never heard so.
    const found = await railway.findProject(wanted);
    const { id } = found ?? (await railway.createProject({ ...wanted, environmentName: 'production' }));
    return done(async (tx) => {
      await tx.query('update railway_projects set railway_project_id = $3 where organization_id = $1 and project_id = $2', [run.saga.organizationId, run.saga.projectId, id]);
    });
  },
};

/** Environments are deployed side by side and share the project: the one that began first makes it, the others wait. */
async function anotherIsFirst(run: Run): Promise<boolean> {
  const { organizationId, projectId, id } = run.saga;
  const open = await run.write((tx) => tx.query(`select 1 from sagas where organization_id = $1 and project_id = $2 and kind = 'deploy' and state = 'running' and id < $3 limit 1`, [organizationId, projectId, id]));
  return open.length > 0;
}

/** Somebody may have removed the project or the service at Railway itself: what is gone is forgotten here, and made anew. */
async function stillThere(run: Run, railway: Railway, projectId: string): Promise<boolean> {
  const { organizationId, projectId: ownProjectId } = run.saga;
  const { id, railway_service_id: serviceId } = run.target.service;
  try {
    const { services } = await railway.getProject(projectId);
    if (serviceId !== null && !services.some((known) => known.id === serviceId)) {
      await run.write((tx) => tx.query('update services set railway_service_id = null, connected_source = null, url = null where organization_id = $1 and id = $2', [organizationId, id]));
    }
    return true;
  } catch (error) {
    if (railwayFailureOf(error)?.kind !== 'not_found') throw error;
    await run.write(async (tx) => {
      await tx.query('update services set railway_service_id = null, railway_environment_id = null, connected_source = null, url = null where organization_id = $1 and project_id = $2', [organizationId, ownProjectId]);
      await tx.query('update railway_projects set railway_project_id = null where organization_id = $1 and project_id = $2', [organizationId, ownProjectId]);
    });
    return false;
  }
}

/** Railway's production was made with its project; the others are made when they are first needed. */
export const environment: Step<DeployTarget> = {
  key: 'environment',
  async run(run) {
    const { service } = run.target;
    if (service.railway_environment_id !== null) return done();
    const railway = railwayOf(run);
    const projectId = railwayProjectId(run);
    const found = await findNamed(railway, projectId, 'environments', service.environment);
    const { id } = found ?? (await railway.createEnvironment({ projectId, name: service.environment }));
    return done((tx) => keepId(tx, run, 'railway_environment_id', id));
  },
};

/** Without a source, so that nothing runs before its variables are there. */
export const service: Step<DeployTarget> = {
  key: 'service',
  async run(run) {
    const { service: row } = run.target;
    if (row.railway_service_id !== null) return done();
    if (row.railway_environment_id === null) throw new Error('the environment was not kept');
    const railway = railwayOf(run);
    const projectId = railwayProjectId(run);
    const found = run.retrying ? await findNamed(railway, projectId, 'services', row.railway_name) : null;
    const { id } = found ?? (await createOrFind(railway, { projectId, environmentId: row.railway_environment_id, name: row.railway_name }));
    return done((tx) => keepId(tx, run, 'railway_service_id', id));
  },
};

/** A name that is taken is ours: it ends in characters of an id that nobody else has. */
async function createOrFind(railway: Railway, wanted: { projectId: string; environmentId: string; name: string }): Promise<Named> {
  try {
    return await railway.createService(wanted);
  } catch (error) {
    if (railwayFailureOf(error)?.kind !== 'refused') throw error;
    const found = await findNamed(railway, wanted.projectId, 'services', wanted.name);
    if (found === null) throw error;
    return found;
  }
}

async function findNamed(railway: Railway, projectId: string, what: 'environments' | 'services', name: string): Promise<Named | null> {
  const project = await railway.getProject(projectId);
  return project[what].find((named) => named.name === name) ?? null;
}

function railwayProjectId(run: Run): string {
  const id = run.target.railwayProject?.id;
  if (id == null) throw new Error('the project at Railway was not kept');
  return id;
}

async function keepId(tx: TenantTx, run: Run, column: 'railway_environment_id' | 'railway_service_id', id: string): Promise<void> {
  await tx.query(`update services set ${column} = $3, updated_at = now() where organization_id = $1 and id = $2`, [run.saga.organizationId, run.target.service.id, id]);
}

export function giveUp(reason: string): StepOutcome {
  return { kind: 'give-up', reason };
}
