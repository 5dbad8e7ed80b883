import { createRailwayAccess } from '@/lib/adapters/railway/access';
import type { RailwayDeployment } from '@/lib/adapters/railway/port';
import type { FaultInput, FaultSettings } from '@/lib/local-cloud/railway/faults';
import { DeploymentView } from '@/lib/deployments/schemas';
import type { RunningStudio } from '../support/studio';
import type { Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';

/** The one that a studio under test gives its local Railway. */
const token = 'local-railway-token-for-tests';

/** Lets builds fail or apps crash, or neither. */
export async function breakRailway({ railwayUrl }: Pick<RunningStudio, 'railwayUrl'>, settings: Partial<FaultSettings>): Promise<void> {
  const answer = await fetch(new URL('/_faults', railwayUrl), { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(settings) });
  if (!answer.ok) throw new Error(`the local Railway took no setting: ${answer.status} ${await answer.text()}`);
}

/** Switches a failure of the local Railway on, for as many requests as it says. */
export async function addRailwayFault({ railwayUrl }: Pick<RunningStudio, 'railwayUrl'>, fault: FaultInput): Promise<void> {
  const answer = await fetch(new URL('/_faults', railwayUrl), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) });
  if (answer.status !== 201) throw new Error(`the local Railway took no fault: ${await answer.text()}`);
}

/** Changes variables of the app in production, as somebody with an account at Railway would. */
export async function changeAtRailway(studio: Pick<RunningStudio, 'railwayUrl'>, projectId: string, change: (variables: Record<string, string>) => Record<string, string>): Promise<void> {
  const { railway, at } = await appAtRailway(studio, projectId);
  const held = Object.entries(await railway.getVariables(at)).filter(([name]) => !name.startsWith('RAILWAY_'));
  await railway.setVariables(at, change(Object.fromEntries(held)), { replace: true });
}

/** What the local Railway itself says of the newest deployment of the app in production. */
export async function newestAtRailway(studio: Pick<RunningStudio, 'railwayUrl'>, projectId: string): Promise<RailwayDeployment | undefined> {
  const { railway, at } = await appAtRailway(studio, projectId);
  const [newest] = await railway.listDeployments({ ...at, limit: 1 });
  return newest;
}

async function appAtRailway({ railwayUrl }: Pick<RunningStudio, 'railwayUrl'>, projectId: string) {
  const railway = createRailwayAccess({ STUDIO_MODE: 'local', RAILWAY_API_URL: railwayUrl, LOCAL_RAILWAY_TOKEN: token }).withToken(token);
  const [workspace] = (await railway.whoAmI()).workspaces;
  const project = await railway.findProject({ workspaceId: workspace?.id ?? '', name: `studio-${projectId.slice('prj_'.length)}` });
  const [environment, service] = [project?.environments[0], project?.services[0]];
  if (project === null || environment === undefined || service === undefined) throw new Error('the app is not at the local Railway');
  return { railway, at: { projectId: project.id, environmentId: environment.id, serviceId: service.id } };
}

/** Deploys the shipped example through the API and waits for its end. */
export async function deployExample(owner: Visitor, projectId: string, end: DeploymentView['status'] = 'SUCCESS'): Promise<DeploymentView> {
  const path = `/api/v1/projects/${projectId}/deployments`;
  const { id } = await owner.post(DeploymentView, path, { source: { kind: 'example' } });
  return waitFor(
    async () => {
      const view = await owner.get(DeploymentView, `${path}/${id}`);
      return view.status === end && view;
    },
    { what: `deployment ${id} to end as ${end}`, withinMs: 120_000, everyMs: 250 },
  );
}
