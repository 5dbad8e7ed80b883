import { z } from 'zod';
import { rightsOf, type Right, type Role } from '@/lib/identity/access/policy';
import type { Actor } from './actors';
import type { Front, Heard } from './front';
import type { Learnt } from './needs';
import type { Ids } from './organization';
import { leakedValue } from './private-values';
import { fill, idNamesOf } from './requests';
import type { RouteWorld } from './route-world';
import { stage } from './stages';

export type Policy = Readonly<Record<Role, ReadonlySet<Right>>>;

/** One cell: an operation, whose ids it is asked with, and who asks. */
export interface Cell {
  learnt: Learnt;
  actor: Actor;
  /** Whose things are named, in words. */
  named: string;
  ids: Ids;
  expected: Expected;
  /** Texts that must not be in the answer. */
  hidden: readonly string[];
}

export type Expected =
  /** 401. */
  | { kind: 'unauthenticated' }
  /** 404: what you may not see does not exist. */
  | { kind: 'hidden' }
  /** 403 by the name of a missing right, and a line in the audit log. */
  | { kind: 'forbidden'; missing: readonly Right[] }
  /** Some refusal, and nothing done: the right may be missing, the thing be hidden, or the credential be none for this. What is foreign has no state that could be in the way. */
  | { kind: 'refused' }
  /** Whatever it says: nothing of others, and nothing of theirs changed. */
  | { kind: 'own affair' }
  /** Let in. */
  | { kind: 'open' };

const Problem = z.object({ code: z.string(), right: z.string().optional() });

/** What is wrong in a cell; nothing when all is as it must be. The world is as before when this settles. */
export async function probe(world: RouteWorld, front: Front, cell: Cell, family?: string): Promise<string[]> {
  const { kept, victim, clouds } = world;
  const { operation } = cell.learnt;
  const request = fill(operation, cell.ids);
  front.forget();
  await stage(world, operation);
  clouds.calls.splice(0);
  const heard = await front.ask(request, cell.actor.headers, family);
  const changed = await kept.changed(victim.organization.rowId);
  const denials = (await kept.logged()).filter(({ outcome, organization_id: organization }) => outcome === 'denied' && organization === victim.organization.rowId);
  const findings = [...refusalFindings(cell, heard, denials)];
  const leaked = leakedValue(heard.text, request.said, cell.hidden);
  if (leaked !== undefined) findings.push(`the answer holds ${leaked}`);
  const asked = clouds.calls.find((call) => leakedValue(call, request.said, cell.hidden) !== undefined);
  if (asked !== undefined) findings.push(`it called Appwrite or Railway: ${asked}`);
  const touched = isHeedless(cell) ? changed.filter((table) => table !== 'public.audit_logs') : changed;
  const mayChange = cell.expected.kind === 'open' || (cell.expected.kind === 'own affair' && cell.actor.member);
  if (!mayChange && touched.length > 0) findings.push(`it changed ${touched.join(', ')}`);
  await kept.restore();
  return findings.map((finding) => `${operation.name}, ${cell.named}, asked by ${cell.actor.name}: ${finding}`);
}

/** Taking away what is not there is fine by intent (`removePlatform`), so that it may be sent twice: it reaches the own project alone, and is logged there. */
const heedless = new Set(['DELETE /projects/{project}/platforms/{platform}']);

function isHeedless({ learnt: { operation }, expected, ids }: Cell): boolean {
  return heedless.has(operation.name) && expected.kind === 'refused' && ids['platform'] !== undefined;
}

function refusalFindings(cell: Cell, { status, json, brokeOff }: Heard, denials: readonly { reason: string | null }[]): string[] {
  const { learnt, actor, expected } = cell;
  const problem = Problem.safeParse(json).data;
  const said = `${status}${problem === undefined ? '' : ` ${problem.code}`}${problem?.right === undefined ? '' : ` ${problem.right}`}`;
  const findings: string[] = [];
  if (status >= 500) findings.push(`it failed: ${said}`);
  if (brokeOff) findings.push('the answer broke off');
  switch (expected.kind) {
    case 'unauthenticated':
      if (status !== 401) findings.push(`401 was meant, not ${said}`);
      break;
    case 'hidden':
      if (status !== 404) findings.push(`404 was meant, not ${said}`);
      break;
    case 'refused':
      if (![400, 401, 403, 404, 422].includes(status) && !(isHeedless(cell) && status === 204)) findings.push(`a refusal was meant, not ${said}`);
      break;
    case 'forbidden':
      if (status !== 403 || problem?.code !== 'forbidden' || !expected.missing.some((right) => right === problem.right)) findings.push(`403 for ${expected.missing.join(' or ')} was meant, not ${said}`);
      else if (denials.length !== 1 || denials[0]?.reason?.includes(problem.right ?? '') !== true) findings.push(`${denials.length} denials in the log instead of one for ${problem.right ?? 'the right'}`);
      break;
    case 'open':
      if (status !== learnt.status) findings.push(`${learnt.status} was meant as for the owner, not ${said}`);
      break;
    case 'own affair':
      break;
  }
  if (actor.standing !== 'inside' && denials.length > 0) findings.push('it wrote to the log of an organization that does not concern the asker');
  return findings;
}

/** What everybody must get who names nothing but the victim's own things. */
export function expectedOf({ operation, needs, scoped }: Learnt, actor: Actor, policy: Policy = rightsOf): Expected {
  if (operation.open) return { kind: 'own affair' };
  if (actor.standing === 'nobody') return { kind: 'unauthenticated' };
  // A thing of a person's own is hidden from everybody else.
  if (!scoped) return operation.inPath.length > 0 && actor.standing === 'outside' ? { kind: 'refused' } : { kind: 'own affair' };
  if (actor.standing === 'outside') return { kind: 'hidden' };
  const held = heldBy(actor, policy);
  const missing = needs.filter((right) => !held.has(right));
  return missing.length > 0 ? { kind: 'forbidden', missing } : { kind: 'open' };
}

export function heldBy({ role, scopes }: Actor, policy: Policy): ReadonlySet<Right> {
  const ofRole = role === null ? new Set<Right>() : policy[role];
  return scopes === null ? ofRole : new Set(scopes.filter((scope) => ofRole.has(scope)));
}

const openAskers = new Set(['nobody', 'owner of another organization', 'owner', 'viewer']);

/** The cells of an operation: everybody at the victim's own things, and those who mix things of several. */
export function cellsOf(world: RouteWorld, learnt: Learnt): Cell[] {
  const { victim, attacker, cast, secretOf } = world;
  const cell = (actor: Actor, named: string, ids: Ids, expected: Expected, hidden: readonly string[]): Cell => ({ learnt, actor, named, ids, expected, hidden });
  // Who opens an open door hardly matters, and some of them take their time on purpose.
  const askers = learnt.operation.open ? cast.all.filter(({ name }) => openAskers.has(name)) : cast.all;
  const plain = askers.map((actor) => {
    const expected = expectedOf(learnt, actor);
    // Whoever is let in sees the own organization, and must see no other one.
    return cell(actor, 'things of the organization', victim.ids, expected, actor.standing === 'inside' && expected.kind !== 'forbidden' ? secretOf.attacker : secretOf.victim);
  });
  if (learnt.operation.open || !learnt.scoped) return plain;
  const mixed = mixesOf(learnt, victim.ids, attacker.ids).flatMap(({ ids, scopeIsFirst, named }) => [
    cell(cast.stranger, named, ids, scopeIsFirst ? { kind: 'hidden' } : { kind: 'refused' }, secretOf.victim),
    cell(cast.both, named, ids, { kind: 'refused' }, []),
  ]);
  const siblings = mixesOf(learnt, victim.sibling, victim.ids).filter(({ scopeIsFirst }) => !scopeIsFirst).flatMap(({ ids, named }) => [
    cell(cast.owner, `a sibling: ${named}`, ids, { kind: 'refused' }, siblingIds(victim)),
    cell(cast.limitedKey, `a sibling: ${named}`, ids, { kind: 'refused' }, siblingIds(victim)),
  ]);
  return [...plain, ...mixed, ...siblings, ...limitedCells(world, learnt)];
}

/** A key for one project, at the other one, and at what belongs to the organization as a whole. */
function limitedCells({ victim, cast: { limitedKey }, secretOf, attacker }: RouteWorld, learnt: Learnt): Cell[] {
  const names = idNamesOf(learnt.operation);
  const expected = expectedOf(learnt, limitedKey);
  const ofProject = learnt.operation.inPath.includes('project');
  const own: Cell = { learnt, actor: limitedKey, named: 'things of the organization', ids: victim.ids, expected: narrowed(learnt, expected), hidden: [...secretOf.attacker, ...siblingIds(victim)] };
  if (!ofProject) return names.length === 0 ? [] : [own];
  const other: Cell = { learnt, actor: limitedKey, named: 'another project', ids: victim.sibling, expected: expected.kind === 'open' ? { kind: 'hidden' } : { kind: 'refused' }, hidden: [...siblingIds(victim), ...attacker.secrets] };
  return [own, other];
}

/** Such a key makes no projects, whatever its scopes. */
function narrowed({ needs }: Learnt, expected: Expected): Expected {
  return needs.includes('project:create') ? { kind: 'refused' } : expected;
}

function siblingIds({ ids, sibling }: RouteWorld['victim']): string[] {
  return Object.entries(sibling).flatMap(([name, value]) => (ids[name] === value ? [] : [value]));
}

interface Mix {
  ids: Ids;
  named: string;
  /** The place itself is the foreign one: its organization or project. */
  scopeIsFirst: boolean;
}

/** Every way to name some things of one side among those of the other, but never only of one side. */
function mixesOf({ operation }: Learnt, foreign: Ids, own: Ids): Mix[] {
  const names = idNamesOf(operation).filter((name) => foreign[name] !== undefined && foreign[name] !== own[name]);
  const mixes: Mix[] = [];
  for (let bits = 1; bits < 2 ** names.length - 1; bits += 1) {
    const taken = names.filter((_, index) => (bits & (1 << index)) !== 0);
    const [first = ''] = names;
    const others = Object.fromEntries(taken.map((name) => [name, foreign[name] ?? '']));
    mixes.push({ ids: { ...own, ...others }, named: `foreign ${taken.join(' and ')} among own things`, scopeIsFirst: taken.includes(first) });
  }
  return mixes;
}
