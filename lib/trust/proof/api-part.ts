import type { ThrowAway } from '@/lib/identity/throw-away/open-throw-away';
import type { Outcome, Tally } from './tally';
import { findId, isTarget, type Target, type Victim } from './victim';

/** The API as the proof reaches it: every route that reads, and a way to ask it with a credential. */
export interface ProbedApi {
  routes: readonly { path: string; query: readonly { name: string; required: boolean }[] }[];
  /** Addresses that answer without an end, and are not asked. */
  streams: readonly string[];
  /** `path` begins below the API's root. */
  ask(path: string, credential: Credential | null): Promise<{ status: number; text: string }>;
}

export type Credential = { cookie: string } | { bearer: string };

interface Caller {
  name: string;
  description: string;
  credential: Credential | null;
}

export function apiCallers({ credentials }: ThrowAway): Caller[] {
  const { session, accessToken, boundAccessToken, apiKey } = credentials;
  return [
    { name: 'session', description: 'the stranger\'s browser', credential: { cookie: session } },
    { name: 'access token', description: 'the stranger\'s access token', credential: { bearer: accessToken } },
    { name: 'bound access token', description: 'an access token for the stranger\'s organization alone', credential: { bearer: boundAccessToken } },
    { name: 'API key', description: 'an API key of the stranger\'s organization with every scope', credential: { bearer: apiKey } },
    { name: 'guest', description: 'somebody who is not signed in', credential: null },
  ];
}

export interface ApiProbe {
  route: string;
  path: string;
}

/** Every route, filled with what the organization has; those that name something that it has none of are left out and said. */
export function apiProbes({ routes }: Pick<ProbedApi, 'routes'>, { targets }: Pick<Victim, 'targets'>): { probes: ApiProbe[]; leftOut: { route: string; missing: Target }[] } {
  const probes: ApiProbe[] = [];
  const leftOut: { route: string; missing: Target }[] = [];
  for (const { path, query } of routes) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => targetOf(name));
    const asked = query.filter(({ name }) => name.endsWith('_id')).map(({ name }) => ({ name, target: targetOf(name.slice(0, -'_id'.length)) }));
    // Without what it demands a route would refuse the request before it looks whose it is.
    const demanded = query.filter(({ name, required }) => required && !name.endsWith('_id')).map(({ name }) => [name, 'x']);
    const missing = [...named, ...asked.map(({ target }) => target)].find((target) => targets[target] === undefined);
    if (missing !== undefined) {
      leftOut.push({ route: path, missing });
      continue;
    }
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(targets[targetOf(name)] ?? ''));
    const search = new URLSearchParams([...asked.map(({ name, target }) => [name, targets[target] ?? '']), ...demanded]);
    probes.push({ route: path, path: search.size === 0 ? filled : `${filled}?${search}` });
  }
  return { probes, leftOut };
}

/** A route that names something new cannot be probed until `victim.ts` knows where to find one. */
function targetOf(name: string): Target {
  if (!isTarget(name)) throw new Error(`the proof of isolation knows no ${name}: add how to find one to targetQueries in victim.ts`);
  return name;
}

/** A refusal says something only of a credential that opens its own door. */
export async function demandAdmitted(api: ProbedApi, callers: readonly Caller[], { organization }: Pick<ThrowAway, 'organization'>): Promise<void> {
  for (const { name, credential } of callers) {
    if (credential === null) continue;
    const { status } = await api.ask(`/organizations/${organization}`, credential);
    if (status !== 200) throw new Error(`the stranger's own organization answered ${status} to the ${name}, so its refusals elsewhere prove nothing`);
  }
}

const refusals = [401, 403, 404];

export async function probeApi(api: ProbedApi, caller: Caller, probes: readonly ApiProbe[], victim: Victim, tally: Tally, onProgress: () => Promise<void>): Promise<void> {
  for (const { route, path } of probes) {
    const { status, text } = await api.ask(path, caller.credential);
    // What was asked for stands in the refusal's own address, which is no news to who asked.
    const asked = new Set(Object.values(victim.targets).filter((id) => path.includes(id)));
    const seen = findId(victim.ids, text, asked);
    tally.add({ object: `GET ${route}`, actor: caller.name, probe: `status ${status}` }, outcomeOf(status, seen, asked.size > 0));
    await onProgress();
  }
}

function outcomeOf(status: number, seen: string | null, namesSomething: boolean): Outcome {
  if (seen !== null) return { saw: seen };
  if (refusals.includes(status)) return 'refused';
  if (status >= 400) throw new Error(`the API answered ${status}, which proves nothing`);
  // About what is not theirs a stranger hears nothing, not even an empty list.
  return namesSomething ? { saw: `an answer with status ${status}` } : 'empty';
}
