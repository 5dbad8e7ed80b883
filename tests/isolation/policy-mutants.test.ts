import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { doors } from '@/app/api/_routes/doors';
import { apiKeyScopes, grantable, rights, rightsOf, roles, type Right, type Role } from '@/lib/identity/access/policy';
import { systemRights, within } from '@/lib/identity/access/within';
import { isAppError } from '@/lib/kernel/errors';
import type { SystemJob } from '@/lib/kernel/actor';
import { figure, scaled } from '../support/figure';
import type { Actor } from './routes/actors';
import { openFront, type Front } from './routes/front';
import { expectedOf, probe, type Policy } from './routes/matrix';
import { learn, type Learnt } from './routes/needs';
import { fill, type Filled } from './routes/requests';
import { makeRouteWorld, type RouteWorld } from './routes/route-world';
import { stage } from './routes/stages';

let world: RouteWorld;
let front: Front;
let learnt: Learnt[];

beforeAll(async () => {
  world = await makeRouteWorld();
  front = openFront(world.studio, doors, world.clouds.ports);
  learnt = [];
  for (const operation of front.operations) learnt.push(await learn(world, front, operation));
});

afterAll(async () => {
  await front.close();
  await world.close();
});

/** The tables of the process that answers, which a mutant writes into. */
const liveRights = (role: Role) => rightsOf[role] as Set<Right>;
const isJob = (name: string): name is SystemJob => name in systemRights;
const jobs = Object.keys(systemRights).filter(isJob);

/** What is expected is a copy from before, so that it does not follow the mutants. */
const policy: Policy = structuredClone(rightsOf);

/** Looks while a role has a right that it had not, or lacks one that it had; what then must be seen is the policy that is handed on. */
async function flipped<Result>(role: Role, right: Right, look: (mutated: Policy) => Promise<Result>): Promise<Result> {
  const held = liveRights(role);
  const had = held.delete(right);
  if (!had) held.add(right);
  try {
    return await look({ ...policy, [role]: new Set(held) });
  } finally {
    if (had) held.add(right);
    else held.delete(right);
  }
}

/** Operations that tell whether a role has a right: they demand it first, or every other right that they need is held. */
function telling(role: Role, right: Right): Learnt[] {
  return learnt
    .filter(({ operation, needs, scoped }) => scoped && !operation.open && needs.includes(right) && (needs[0] === right || needs.every((need) => need === right || policy[role].has(need))))
    .slice(0, scaled(1, 100));
}

function actorOf(role: Role): Actor {
  const actor = world.cast.byRole.get(role);
  if (actor === undefined) throw new Error(`nobody is ${role}`);
  return actor;
}

/** What the doors let a role do that the policy does not, or the other way round. */
async function findingsOf(role: Role, right: Right): Promise<string[]> {
  const findings: string[] = [];
  for (const each of telling(role, right)) {
    findings.push(...(await probe(world, front, { learnt: each, actor: actorOf(role), named: 'things of the organization', ids: world.victim.ids, expected: expectedOf(each, actorOf(role), policy), hidden: [] })));
  }
  return findings;
}

const Refused = z.object({ right: z.string() });

/**
 * The doors that do not follow a mutant: they must refuse by the name of a right that is gone, and let in whom it was
 * given, or name another one that is lacking. What fails follows nothing.
 */
async function unlike(role: Role, right: Right, mutated: Policy): Promise<string[]> {
  const found: string[] = [];
  for (const { operation, status: letIn } of telling(role, right)) {
    front.forget();
    await stage(world, operation);
    const { status, json, brokeOff } = await front.ask(fill(operation, world.victim.ids), actorOf(role).headers);
    await world.kept.restore();
    const named = status === 403 ? Refused.safeParse(json).data?.right : undefined;
    const lacking = rights.some((each) => each === named && !mutated[role].has(each));
    // What begins by one right and reads on by another breaks off.
    const follows = mutated[role].has(right) ? status === letIn || lacking : named === right || brokeOff;
    if (!follows) found.push(`${operation.name}: ${status} ${named ?? ''}`);
  }
  return found;
}

/** The rights that a person is told to have are those of a policy: this decides which buttons live. */
async function told(role: Role, expected: Policy): Promise<boolean> {
  front.forget();
  const { json } = await front.ask(plain('GET', `/organizations/${world.victim.organization.id}`), world.cast.byRole.get(role)?.headers ?? {});
  await world.kept.restore();
  return rights.every((right) => JSON.stringify(json).includes(`"${right}":${expected[role].has(right)}`));
}

const plain = (method: string, path: string, body?: unknown): Filled => ({ method, path, body, said: '' });

test('A2: every cell of roles × rights is seen at the doors', { timeout: scaled(180_000, 1_800_000) }, async (context) => {
  const given = structuredClone(grantable);
  // With every role in everybody's gift, the right to manage members is all that stands between.
  for (const role of roles) grantable[role] = roles;
  const survivors: string[] = [];
  let [byDoors, byTelling, probes] = [0, 0, 0];
  const demanded = new Set(learnt.flatMap(({ needs }) => needs));
  for (const role of roles) {
    if (!(await told(role, policy))) survivors.push(`${role} is told other rights without any mutant`);
    for (const right of rights) {
      const asked = telling(role, right).length;
      probes += asked;
      survivors.push(...(await findingsOf(role, right)).map((finding) => `without any mutant ${finding}`));
      const [others, toldSo] = await flipped(role, right, async (mutated) => [await unlike(role, right, mutated), await told(role, mutated)] as const);
      if (asked > 0 && others.length === 0) byDoors += 1;
      else if (!demanded.has(right) && toldSo) byTelling += 1;
      else survivors.push(`${role} × ${right} ${others.join(', ')}`);
    }
  }
  Object.assign(grantable, given);
  const mutants = roles.length * rights.length;
  figure(context, {
    requirements: ['A2'], what: 'policy mutants: a role given or robbed of one right',
    reached: `${byDoors + byTelling} of ${mutants} killed (${byDoors} by what a door does, ${byTelling} by the rights that are told, where no door demands them; ${probes} probes); survivors: ${survivors.join(', ') || 'none'}`,
    bound: 'all', pass: survivors.length === 0,
  });
});

test('A13: every cell of who may give which role is seen at the doors', { timeout: 120_000 }, async (context) => {
  // With the right to manage members in every hand, nothing but this table stands between.
  for (const role of roles) liveRights(role).add('member:manage');
  const given = async (own: Role, role: Role): Promise<number[]> => {
    const { organization, ids } = world.victim;
    const headers = world.cast.byRole.get(own)?.headers ?? {};
    const statuses: number[] = [];
    for (const request of [plain('POST', `/organizations/${organization.id}/invitations`, { email: 'new@example.com', role }), plain('PATCH', `/organizations/${organization.id}/members/${ids['member']}`, { role })]) {
      front.forget();
      statuses.push((await front.ask(request, headers)).status);
      await world.kept.restore();
    }
    return statuses;
  };
  // Whoever may not take the present role away may not change it either.
  const due = (may: readonly Role[], role: Role): number[] => [may.includes(role) ? 201 : 403, may.includes(role) && may.includes('viewer') ? 200 : 403];
  const survivors: string[] = [];
  try {
    for (const own of roles) {
      for (const role of roles) {
        const before = grantable[own];
        if (!isDeepStrictEqual(await given(own, role), due(before, role))) survivors.push(`${own} × ${role} without any mutant`);
        const mutated = before.includes(role) ? before.filter((each) => each !== role) : [...before, role];
        grantable[own] = mutated;
        const seen = await given(own, role);
        grantable[own] = before;
        if (!isDeepStrictEqual(seen, due(mutated, role))) survivors.push(`${own} × ${role}: ${seen.join(' and ')}`);
      }
    }
  } finally {
    for (const role of roles) if (!policy[role].has('member:manage')) liveRights(role).delete('member:manage');
  }
  const mutants = roles.length ** 2;
  figure(context, { requirements: ['A13'], what: 'policy mutants: a role that may give or not give another', reached: `${mutants - survivors.length} of ${mutants} killed; survivors: ${survivors.join(', ') || 'none'}`, bound: 'all', pass: survivors.length === 0 });
});

test('A15: every scope that a key may or may not carry is seen at the doors', { timeout: 240_000 }, async (context) => {
  const survivors: string[] = [];
  const may = async (asked: Front, scope: Right): Promise<number> => {
    asked.forget();
    const { status } = await asked.ask(plain('POST', `/organizations/${world.victim.organization.id}/api-keys`, { name: 'a key', scopes: [scope] }), world.cast.owner.headers);
    await world.kept.restore();
    return status;
  };
  // The list is read when the modules load, so each has modules of its own.
  const underList = async (list: readonly Right[], scope: Right): Promise<number> => {
    vi.resetModules();
    vi.doMock('@/lib/identity/access/policy', async (original) => ({ ...(await original<object>()), apiKeyScopes: list }));
    const fresh = await import('./routes/front');
    const other = fresh.openFront(world.studio, (await import('@/app/api/_routes/doors')).doors, world.clouds.ports);
    const status = await may(other, scope);
    await other.close();
    vi.doUnmock('@/lib/identity/access/policy');
    return status;
  };
  const carried = (scope: Right) => apiKeyScopes.some((each) => each === scope);
  for (const scope of rights) {
    if ((await may(front, scope)) !== (carried(scope) ? 201 : 422)) survivors.push(`${scope} without any mutant`);
    const seen = await underList(carried(scope) ? apiKeyScopes.filter((each) => each !== scope) : [...apiKeyScopes, scope], scope);
    // Nobody gives a key what they have not themselves.
    if (seen !== (carried(scope) ? 422 : policy.owner.has(scope) ? 201 : 403)) survivors.push(`${scope}: ${seen}`);
  }
  figure(context, { requirements: ['A15'], what: 'policy mutants: a scope added to or taken from what keys may carry', reached: `${rights.length - survivors.length} of ${rights.length} killed; survivors: ${survivors.join(', ') || 'none'}`, bound: 'all', pass: survivors.length === 0 });
  // New modules alone change nothing.
  for (const scope of [rights.find(carried), rights.find((right) => !carried(right))]) if (scope !== undefined) expect(await underList(apiKeyScopes, scope), scope).toBe(carried(scope) ? 201 : 422);
  vi.resetModules();
});

test('R19: every cell of jobs × rights is seen where a job enters an organization', { timeout: 120_000 }, async (context) => {
  const expected = structuredClone(systemRights);
  const enters = async (job: SystemJob, right: Right): Promise<string> => {
    const ctx = world.studio.ctx({ kind: 'system', job });
    return within(ctx, { organizationId: world.victim.organization.rowId }, right, () => Promise.resolve('in')).catch((error: unknown) => (isAppError(error) ? error.code : Promise.reject(error)));
  };
  const survivors: string[] = [];
  for (const job of jobs) {
    for (const right of rights) {
      const holds = expected[job].includes(right);
      if ((await enters(job, right)) !== (holds ? 'in' : 'forbidden')) survivors.push(`${job} × ${right} without any mutant`);
      systemRights[job] = holds ? expected[job].filter((each) => each !== right) : [...expected[job], right];
      if ((await enters(job, right)) !== (holds ? 'forbidden' : 'in')) survivors.push(`${job} × ${right}`);
      systemRights[job] = expected[job];
    }
  }
  await world.kept.restore();
  const mutants = jobs.length * rights.length;
  figure(context, { requirements: ['R19'], what: 'policy mutants: a job given or robbed of one right', reached: `${mutants - survivors.length} of ${mutants} killed`, bound: 'all', pass: survivors.length === 0 });
});
