import type { RailwayDeployment } from '@/lib/adapters/railway/port';
import { getDrift } from '@/lib/deployments/drift/get-drift';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { isUnderWay } from '@/lib/deployments/stored-deployments';
import { keyVariable } from '@/lib/projects/env/manifest';
import { getUsage } from '@/lib/trust/usage/get-usage';
import { greeting, type Scene } from './deployment-beginnings';
import { deploymentsAtRailway, idsOf, placeRowOf, rowsOf, type PlaceRow, type Row, type World } from './deployment-world';

export interface Expected {
  /** The deployment that is up in the end; null once the app was removed. */
  up: string | null;
  /** How many deployments Railway has in the end. A repetition that was not needed begins nothing. */
  atRailway: { least: number; most: number };
  /** Deployments that the plan counts. */
  counted: number;
}

/** What must not be. Each entry names one offender. */
export interface DeploymentViolations {
  /** Projects, environments and services at Railway that are not there exactly once. */
  misplaced: string[];
  /** Deployments at Railway that no row knows, or several do, and rows whose deployment Railway does not have. */
  orphans: string[];
  /** More deployments at Railway than were asked for, or fewer. */
  miscarried: string[];
  /** A state here that is none to rest in, or another one than Railway's. */
  disagreeing: string[];
  /** Another deployment is live than should be, or its app answers as another one would. */
  wronglyLive: string[];
  /** Failed, and nobody is told why. */
  unexplained: string[];
  /** Open sagas, leases that nobody gave back, and steps that are still called tried. */
  unfinished: string[];
  /** Ends that were reported more or less often than they happened. */
  misreported: string[];
  /** What the plan counts. */
  miscounted: string[];
}

/** Looks at everything of one app once; call it when all work is done. */
export async function inspectDeployments(world: World, scene: Scene, { up, atRailway: { least, most }, counted }: Expected): Promise<DeploymentViolations> {
  const place = await placeRowOf(world, scene);
  const rows = await rowsOf(world, scene);
  const remote = await deploymentsAtRailway(world, place);
  return {
    misplaced: await misplaced(world, place, scene, up !== null),
    orphans: orphansAmong(rows, remote, up === null),
    miscarried: remote.length < least || remote.length > most ? [`${remote.length} deployments are at Railway, and ${least} to ${most} were asked for`] : [],
    disagreeing: disagreeing(rows, remote),
    wronglyLive: up === null ? rows.filter(({ status }) => status !== 'REMOVED' && status !== 'FAILED').map(({ id, status }) => `${id} is ${status} and its app is removed`) : await wronglyLive(world, { scene, place, rows, remote, up }),
    unexplained: await unexplained(world, scene, rows),
    unfinished: await unfinished(world, scene),
    misreported: await misreported(world, scene),
    miscounted: await miscounted(world, scene, counted),
  };
}

/** The violations alone, where there are any. */
export function foundIn(violations: DeploymentViolations): Partial<DeploymentViolations> {
  return Object.fromEntries(Object.entries(violations).filter(([, found]) => found.length > 0));
}

/** What nobody sees before somebody asks again: deployments at Railway that no row knows, and an app with a key that may be taken from it, because another one is noted. */
export async function adrift(world: World, scene: Scene): Promise<string[]> {
  const known = new Set((await rowsOf(world, scene)).flatMap(idsOf));
  const remote = await deploymentsAtRailway(world, await placeRowOf(world, scene));
  return [...remote.filter(({ id }) => !known.has(id)).map(({ id, status }) => `${id} (${status}) is at Railway and known to nobody`), ...(await withUnnotedKey(world, scene))];
}

/** What began at Railway itself is taken to have the newest key, because Railway does not say. */
async function withUnnotedKey({ hands }: World, { project }: Scene): Promise<string[]> {
  const rows = await hands.raw<{ id: string; url: string | null; noted: string | null }>(
    `select d.public_id as id, s.url, k.last_four as noted from deployments d join projects p on p.id = d.project_id join services s on s.id = d.service_id left join appwrite_keys k on k.id = d.appwrite_key_row_id
      where p.public_id = $1 and d.status = 'SUCCESS' and not d.stopped and d.kind <> 'external' and s.url is not null`,
    [project],
  );
  const wrong: string[] = [];
  for (const { id, url, noted } of rows) {
    // One that does not answer holds no key any more.
    const answer = await fetch(url ?? '').then((response) => (response.ok ? response.text() : null), () => null);
    if (answer !== null && (noted === null || !answer.endsWith(noted))) wrong.push(`${id} runs with a key that is not noted`);
  }
  return wrong;
}

async function misplaced({ railway, projectsAtRailway }: World, place: PlaceRow, { environment }: Scene, isThere: boolean): Promise<string[]> {
  const { services, environments } = await railway.getProject(place.project ?? '');
  const found = {
    projects: (await projectsAtRailway()).filter(({ name }) => name === place.name).map(({ id }) => id),
    environments: environments.map(({ name }) => name).sort(),
    services: services.map(({ id, name }) => `${name} ${id}`),
    removed: place.removed,
  };
  const wanted = { projects: [place.project], environments: [...new Set(['production', environment])].sort(), services: isThere ? [`${place.service_name} ${place.service}`] : [], removed: !isThere };
  return JSON.stringify(found) === JSON.stringify(wanted) ? [] : [`${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`];
}

function orphansAmong(rows: readonly Row[], remote: readonly RailwayDeployment[], isRemoved: boolean): string[] {
  const known = rows.flatMap(idsOf);
  const theirs = remote.map(({ id }) => id);
  return [
    ...theirs.filter((id) => known.filter((other) => other === id).length !== 1).map((id) => `${id} is at Railway and not known once`),
    ...known.filter((id) => !isRemoved && !theirs.includes(id)).map((id) => `${id} is not at Railway`),
  ];
}

function disagreeing(rows: readonly Row[], remote: readonly RailwayDeployment[]): string[] {
  return rows.flatMap(({ id, status, railway }) => {
    const theirs = remote.find((other) => other.id === railway)?.status;
    if (isUnderWay(status)) return [`${id} rests as ${status}`];
    return theirs === undefined || theirs === status ? [] : [`${id} is ${status} here and ${theirs} at Railway`];
  });
}

interface Live {
  scene: Scene;
  place: PlaceRow;
  rows: readonly Row[];
  remote: readonly RailwayDeployment[];
  up: string;
}

async function wronglyLive({ hands: { ctx }, railway }: World, { scene: { project, environment }, place, rows, remote, up }: Live): Promise<string[]> {
  const live = (await Promise.all(rows.map(({ id }) => getDeployment(ctx, project, id)))).filter((deployment) => deployment.live);
  const upThere = remote.filter(({ status, stopped }) => status === 'SUCCESS' && !stopped).map(({ id }) => id);
  const problems: string[] = [];
  if (live.map(({ id, status }) => `${id} ${status}`).join() !== `${up} SUCCESS`) problems.push(`live instead of ${up}: ${live.map(({ id, number, status }) => `${id} #${number} ${status}`).join() || 'nothing'}`);
  if (upThere.join() !== rows.find(({ id }) => id === up)?.railway) problems.push(`up at Railway instead of ${up}: ${upThere.join() || 'nothing'}`);
  // The app has what Railway holds, and Railway what Studio has: the key of now with the greeting of then.
  const { differences } = await getDrift(ctx, project, { environment });
  problems.push(...differences.filter(({ name }) => name !== 'GREETING').map(({ name, kind }) => `${name} is ${kind} at Railway`));
  const held = await railway.getVariables({ projectId: place.project ?? '', serviceId: place.service ?? '', environmentId: place.environment ?? '' });
  const [said, key] = (await fetch(live[0]?.url ?? '').then((answer) => answer.text(), String)).split(' ');
  if (said !== greeting) problems.push(`the app answers ${said}`);
  if (key !== held[keyVariable]) problems.push('the app runs with another key');
  return problems;
}

async function unexplained({ hands }: World, { organization }: Scene, rows: readonly Row[]): Promise<string[]> {
  const stuck = await hands.raw<{ kind: string }>(`select kind from sagas where organization_id = $1 and state = 'stuck' and coalesce(error->>'message', '') = ''`, [organization.rowId]);
  return [...stuck.map(({ kind }) => `${kind} is stuck`), ...rows.filter(({ status, reason }) => status === 'FAILED' && reason === null).map(({ id }) => `${id} has failed`)];
}

async function unfinished({ hands }: World, { organization }: Scene): Promise<string[]> {
  const rows = await hands.raw<{ told: string }>(
    `select kind || ' is ' || state || case when leased_until is null then '' else ' and leased' end as told from sagas
      where organization_id = $1 and (state in ('running', 'undoing') or leased_until is not null)
     union all select s.kind || ' is done and its step ' || t.key || ' is ' || t.state from sagas s join saga_steps t on t.saga_id = s.id
      where s.organization_id = $1 and s.state = 'done' and t.state not in ('done', 'skipped')`,
    [organization.rowId],
  );
  return rows.map(({ told }) => told);
}

async function misreported({ hands }: World, { organization }: Scene): Promise<string[]> {
  const rows = await hands.raw<{ told: string }>(
    `with ended as (
       select s.state, s.kind, case when s.kind = 'remove-service' then v.public_id else d.public_id end as id
         from sagas s join services v on v.id = s.service_id left join deployments d on d.id = (s.input->>'deployment_id')::uuid
        where s.organization_id = $1 and (s.state = 'done' or s.state = 'stuck' and s.kind <> 'remove-service')
     ), told as (
       select count(*) as times, e.state, e.kind, e.id,
              (select count(*) from audit_logs l where l.organization_id = $1 and l.target_id = e.id and l.outcome = 'allowed'
                  and l.action = case when e.kind = 'remove-service' then 'service.removed' when e.state = 'done' then 'deployment.succeeded' else 'deployment.failed' end) as reported
         from ended e group by e.state, e.kind, e.id
     )
     select kind || ' of ' || id || ' was ' || state || ' ' || times || ' times and reported ' || reported || ' times' as told from told where times <> reported`,
    [organization.rowId],
  );
  return rows.map(({ told }) => told);
}

async function miscounted({ hands }: World, { organization }: Scene, counted: number): Promise<string[]> {
  const used = (await getUsage(hands.ctx, organization.id)).items.find(({ key }) => key === 'deployments')?.used;
  return used === counted ? [] : [`the plan counts ${used} deployments, and ${counted} were begun`];
}
