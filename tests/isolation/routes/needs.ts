import { z } from 'zod';
import { isReadRight, rights, type Right } from '@/lib/identity/access/policy';
import type { Front, Heard } from './front';
import type { Operation } from './operations';
import { fill, idNamesOf } from './requests';
import type { RouteWorld } from './route-world';
import { stage } from './stages';

const Refused = z.object({ right: z.string() });

/** What an operation asked of its owner, learnt by asking as one. */
export interface Learnt {
  operation: Operation;
  /** The rights that were demanded, in the order in which they were. */
  needs: Right[];
  /** It concerns an organization: it demanded a right there, or takes an id of something in one. */
  scoped: boolean;
  status: number;
  problems: string[];
}

/** Ids of people's own things, which belong to no organization. */
const ofPeople = new Set(['session', 'secret']);

/** Runs an operation as the owner, and takes back what it did. */
export async function learn(world: RouteWorld, front: Front, operation: Operation): Promise<Learnt> {
  const { studio, kept, victim, cast } = world;
  front.forget();
  await stage(world, operation);
  studio.lines.splice(0);
  const request = fill(operation, victim.ids);
  const heard = await front.ask(request, cast.owner.headers);
  const taken = studio.lines.flatMap(({ message, fields }) => (message === 'tenant access' && fields['request_id'] === heard.requestId ? rightOf(fields['access']) : []));
  const changed = await kept.changed(victim.organization.rowId);
  const logged = (await kept.logged()).filter(({ outcome }) => outcome === 'allowed');
  await kept.restore();
  // What was refused to the owner for another reason leaves no line; somebody without any right hears the first one.
  await stage(world, operation);
  const { json } = await front.ask(request, cast.rightless.headers);
  await kept.restore();
  const needs = [...new Set([...rightOf(Refused.safeParse(json).data?.right), ...(heard.isStream ? [] : taken)])];
  const scoped = needs.length > 0 || idNamesOf(operation).some((name) => !ofPeople.has(name));
  return { operation, needs, scoped, status: heard.status, problems: problemsOf(operation, heard, { needs, scoped, changed, logged: logged.length }) };
}

function rightOf(access: unknown): Right[] {
  return rights.filter((right) => right === access);
}

interface Seen {
  needs: Right[];
  scoped: boolean;
  changed: string[];
  logged: number;
}

/** What the owner is refused whatever is made ready; of no other route may the change and its line in the log stay unseen. */
const stateRefusals: Readonly<Record<string, number>> = {
  // The token is of no letter: an owner is a member already, and tests/identity/invitation accepts one as somebody who is not.
  'POST /invitations/accept': 410,
};
/** Changes that nobody needs to hear of: what is only remembered, and what follows a row that was written. */
const unlogged = new Set(['public.idempotency_keys', 'graphile_worker._private_jobs']);

/** By a right that does more than read, and yet only a look. */
const looks: Readonly<Record<string, string>> = {
  'POST /organizations/{organization}/railway/workspaces': 'reads at Railway with a token that is sent along and not kept',
};

function problemsOf(operation: Operation, { status, text }: Heard, { needs, scoped, changed, logged }: Seen): string[] {
  const { name, method, open, inPath, success } = operation;
  const problems: string[] = [];
  const due = stateRefusals[name] ?? success;
  if (!open && status !== due) {
    problems.push(`the owner got ${status} where ${due} was meant: give the request what it lacks in tests/isolation/routes/values.ts (${text.slice(-300)})`);
  }
  if (open && status >= 500) problems.push(`it answered ${status}`);
  if (scoped && !open && needs.length === 0) problems.push('it concerns an organization and demands no right there');
  // That a session was seen just now is no news; what is done to one that is named is.
  const quiet = (table: string) => unlogged.has(table) || table === 'public.audit_logs' || (table === 'public.user_sessions' && !inPath.includes('session'));
  const written = changed.filter((table) => !quiet(table));
  if (method === 'GET' && written.length > 0) problems.push(`a GET changed ${written.join(', ')}`);
  // What is taken away changes nothing, and its right does more than read.
  if (written.length === 0 && status === success && looks[name] === undefined && needs.some((right) => !isReadRight(right)) && logged === 0) problems.push(`it did something by ${needs.join(', ')} and wrote nothing to the audit log`);
  if (written.length > 0 && logged === 0) problems.push(`it changed ${written.join(', ')} and wrote nothing to the audit log`);
  if (written.length > 0 && scoped && needs.every(isReadRight)) problems.push(`it changed ${written.join(', ')} by ${needs.join(', ') || 'no right'}, which only read${needs.length === 1 ? 's' : ''}`);
  return problems.map((problem) => `${name}: ${problem}`);
}
