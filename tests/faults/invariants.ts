import { setTimeout as sleep } from 'node:timers/promises';
import { appwriteFailureOf, type AppwriteAdmin, type RemoteProject } from '@/lib/adapters/appwrite/port';
import type { TestStudio } from '../support/context';

/** Both sides of a studio that has come to rest: its rows past every policy, and its Appwrite. */
export interface World {
  raw: TestStudio['raw'];
  admin: AppwriteAdmin;
}

/** What must not be. Each entry names one offender. */
export interface Violations {
  /** Acknowledged projects that are not there, or neither well nor explained to a person. */
  lost: string[];
  /** At Appwrite, in one of our teams, and neither a live attempt of ours nor what a stuck project left there, as it says. */
  orphansAtAppwrite: string[];
  /** Live or given-up attempts of ours that Appwrite does not have, or has still to lose. */
  orphansHere: string[];
  /** Projects whose key or platform is not there exactly once, and whose key has the wrong rights for their status. */
  wrongKeys: string[];
  /** Ready projects that Appwrite serves only in part, or under another name. */
  unhealthyReady: string[];
  /** Open sagas that no job will ever carry on. */
  withoutJob: string[];
  /** Projects that were reported ready more or less often than they were provisioned. */
  misreported: string[];
  /** Servers whose counter of placed projects is wrong. */
  miscounted: string[];
}

export interface Inspection extends Violations {
  /** How much was looked at. */
  acknowledged: number;
  live: number;
  /** Attempts of projects that got stuck: they go with the next retry, or with the project. */
  unfinished: number;
  remote: number;
}

interface Scope {
  /** Row id of the only organization to look at; all of them when absent. */
  organizationId?: string;
}

/** Looks at everything once; call it when all work is done. `acknowledged` are public ids of projects that were answered 202. */
export async function inspect(world: World, acknowledged: readonly string[], { organizationId }: Scope = {}): Promise<Inspection> {
  const live = await liveAttempts(world, organizationId);
  const remote = await remoteProjects(world, organizationId);
  const unfinished = await unfinishedAttempts(world, organizationId);
  const [ours, theirs] = [new Set([...live, ...unfinished].map(({ id }) => id)), new Set(remote.map(({ id }) => id))];
  const details = await eachOf(live.filter(({ id }) => theirs.has(id)), (attempt) => inspectAttempt(world, attempt, remote));
  return {
    acknowledged: acknowledged.length,
    live: live.length,
    unfinished: unfinished.length,
    remote: remote.length,
    lost: await lostProjects(world, acknowledged),
    orphansAtAppwrite: remote.filter(({ id }) => !ours.has(id)).map(({ id, name }) => `${name} (${id})`),
    orphansHere: [...live.filter(({ id }) => !theirs.has(id)).map(({ name }) => name), ...(await leftovers(world, organizationId))],
    wrongKeys: details.flatMap(({ wrongKeys }) => wrongKeys),
    unhealthyReady: details.flatMap(({ unhealthy }) => unhealthy),
    withoutJob: await sagasWithoutJob(world, organizationId),
    misreported: await misreported(world, organizationId),
    miscounted: organizationId === undefined ? await miscounted(world) : [],
  };
}

/** The violations alone, where there are any. */
export function violationsOf({ acknowledged: _, live: __, unfinished: ___, remote: ____, ...violations }: Inspection): Partial<Violations> {
  return Object.fromEntries(Object.entries(violations).filter(([, found]) => found.length > 0));
}

/** No violation of any kind. */
export function isSound(inspection: Inspection): boolean {
  return Object.keys(violationsOf(inspection)).length === 0;
}

export function orphansOf({ orphansAtAppwrite, orphansHere }: Violations): number {
  return orphansAtAppwrite.length + orphansHere.length;
}

interface LiveAttempt {
  id: string;
  name: string;
  team: string;
  status: string;
  hostname: string | null;
  keys: string[];
  renamed: boolean;
}

function liveAttempts({ raw }: World, organizationId: string | undefined): Promise<LiveAttempt[]> {
  return raw<LiveAttempt>(
    `select a.appwrite_project_id as id, p.name, t.team_id as team, p.status, p.hostname,
            array(select k.appwrite_key_id from appwrite_keys k where k.appwrite_project_row_id = a.id and k.state = 'live' order by 1) as keys,
            coalesce((select s.state = 'done' from sagas s where s.project_id = p.id and s.kind in ('rename', 'provision', 'restore') order by s.id desc limit 1), false) as renamed
       from appwrite_projects a
       join projects p on p.id = a.project_id
       join appwrite_teams t on t.organization_id = a.organization_id and t.instance_id = a.instance_id
      where a.state = 'live' and ($1::uuid is null or a.organization_id = $1)`,
    [organizationId ?? null],
  );
}

/** Of projects that got stuck, and were deleted since, or restored after that. */
function unfinishedAttempts({ raw }: World, organizationId: string | undefined): Promise<{ id: string }[]> {
  return raw<{ id: string }>(
    `select a.appwrite_project_id as id from appwrite_projects a join projects p on p.id = a.project_id
      where a.state = 'chosen' and p.status in ('stuck', 'deleted', 'failed') and ($1::uuid is null or a.organization_id = $1)
        and exists (select from sagas s where s.project_id = p.id and s.kind = 'provision' and s.state = 'stuck')`,
    [organizationId ?? null],
  );
}

/** What lies in teams of ours; an operator's own projects are none of our business. */
async function remoteProjects({ raw, admin }: World, organizationId: string | undefined): Promise<RemoteProject[]> {
  const teams = await raw<{ team_id: string }>('select team_id from appwrite_teams where $1::uuid is null or organization_id = $1', [organizationId ?? null]);
  const ours = new Set(teams.map(({ team_id: id }) => id));
  const all: RemoteProject[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const { projects } = await admin.listProjects({ limit: 100, ...(after === undefined ? {} : { after }) });
    all.push(...projects);
    if (projects.length < 100) return all.filter(({ teamId }) => ours.has(teamId));
  }
}

async function inspectAttempt({ admin }: World, attempt: LiveAttempt, remote: readonly RemoteProject[]): Promise<{ wrongKeys: string[]; unhealthy: string[] }> {
  const { id, name, team, status, hostname, keys, renamed } = attempt;
  const held = await answered(() => admin.listKeys(id), []);
  const platforms = await answered(() => admin.listPlatforms(id), []);
  const well = await answered(() => admin.probeProject({ teamId: team, projectId: id }).then(() => true), false);
  const problems: string[] = [];
  if (held.map((key) => key.id).sort().join() !== keys.join()) problems.push(`${name} has ${held.length} keys at Appwrite and ${keys.length} here`);
  if (platforms.length !== (hostname === null ? 0 : 1)) problems.push(`${name} has ${platforms.length} platforms`);
  const loud = held.filter(({ scopes }) => scopes.length > 0).length;
  if (status === 'ready' && loud !== held.length) problems.push(`${name} is ready and its keys may do nothing`);
  if (status === 'deleted' && loud > 0) problems.push(`${name} is deleted and its keys still work`);
  const remoteName = remote.find((each) => each.id === id)?.name;
  const sick = status === 'ready' && (!well || (renamed && remoteName !== name));
  return { wrongKeys: problems, unhealthy: sick ? [`${name} (called ${remoteName}, ${well ? 'well' : 'not well'})`] : [] };
}

/** What Appwrite says, or `refused` when it says no. No answer says nothing about the project: it is asked again. */
async function answered<Answer>(ask: () => Promise<Answer>, refused: Answer): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const kind = appwriteFailureOf(error)?.kind;
      if (kind === undefined) throw error;
      if (kind !== 'timeout' && kind !== 'unavailable' && kind !== 'rate_limited') return refused;
      if (attempt === 10) throw error;
      await sleep(1_000);
    }
  }
}

/** There, and at a place where nothing more has to happen, or with words that say why not. */
async function lostProjects({ raw }: World, acknowledged: readonly string[]): Promise<string[]> {
  const rows = await raw<{ id: string; told: string }>(
    `select p.public_id as id, p.name || ' is ' || p.status as told from projects p
      where p.public_id = any($1) and not (
        p.status in ('ready', 'deleted', 'purged')
        or exists (select from sagas s where s.project_id = p.id and s.state in ('running', 'undoing'))
        or (p.status in ('failed', 'stuck', 'purging') and
            (select s.error->>'message' from sagas s where s.project_id = p.id order by s.id desc limit 1) is not null))`,
    [acknowledged],
  );
  const known = await raw<{ id: string }>('select public_id as id from projects where public_id = any($1)', [acknowledged]);
  const there = new Set(known.map(({ id }) => id));
  return [...acknowledged.filter((id) => !there.has(id)).map((id) => `${id} is not there`), ...rows.map(({ told }) => told)];
}

/** Attempts that were given up and are not seen to be gone, and chosen ones that nobody works on and no person is told of. */
async function leftovers({ raw }: World, organizationId: string | undefined): Promise<string[]> {
  const rows = await raw<{ told: string }>(
    `select p.name || ' (' || a.state || ')' as told from appwrite_projects a join projects p on p.id = a.project_id
      where ($1::uuid is null or a.organization_id = $1)
        and (a.state = 'abandoned' or a.state = 'chosen' and p.status not in ('stuck', 'deleted', 'failed')
               and not exists (select from sagas s where s.project_id = p.id and s.state in ('running', 'undoing')))`,
    [organizationId ?? null],
  );
  return rows.map(({ told }) => told);
}

async function sagasWithoutJob({ raw }: World, organizationId: string | undefined): Promise<string[]> {
  const rows = await raw<{ told: string }>(
    `select s.kind || ' of ' || p.name as told from sagas s join projects p on p.id = s.project_id
      where s.state in ('running', 'undoing') and ($1::uuid is null or s.organization_id = $1)
        and not exists (select from graphile_worker._private_jobs j where j.payload->>'saga_id' = s.id::text and j.attempts < j.max_attempts)`,
    [organizationId ?? null],
  );
  return rows.map(({ told }) => told);
}

async function misreported({ raw }: World, organizationId: string | undefined): Promise<string[]> {
  const rows = await raw<{ told: string }>(
    `select p.name || ' was provisioned ' || done || ' times and reported ready ' || reported || ' times' as told from projects p,
            lateral (select count(*) as done from sagas s where s.project_id = p.id and s.kind = 'provision' and s.state = 'done') sagas,
            lateral (select count(*) as reported from audit_logs l where l.organization_id = p.organization_id and l.target_id = p.public_id
                        and l.action = 'project.provisioned' and l.outcome = 'allowed') logs
      where done <> reported and ($1::uuid is null or p.organization_id = $1)`,
    [organizationId ?? null],
  );
  return rows.map(({ told }) => told);
}

async function miscounted({ raw }: World): Promise<string[]> {
  const rows = await raw<{ told: string }>(
    `select i.placed || ' placed, ' || count(a.id) || ' there' as told from appwrite_instances i
       left join appwrite_projects a on a.instance_id = i.id and a.state <> 'deleted' group by i.id having i.placed <> count(a.id)`,
  );
  return rows.map(({ told }) => told);
}

async function eachOf<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += 4) results.push(...(await Promise.all(items.slice(at, at + 4).map(work))));
  return results;
}
