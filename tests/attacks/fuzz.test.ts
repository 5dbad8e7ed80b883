import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '@/lib/identity/access/policy';
import { createProof } from '@/lib/trust/proof/create-proof';
import { createPasswordHasher } from '@/lib/identity/user/password';
import type { Person } from '../support/context';
import { figure, proof, scaled } from '../support/figure';
import { password } from '../support/visitor';
import { fittedBody, unfit } from './fitted';
import type { Answered, Front } from './front';
import { asMethod, operations, plainRequest, requestsFor, type Fitted, type FuzzedRequest, type Operation } from './fuzz-requests';
import { strangeTimes, timesIn } from './from-schema';
import { wrongWith } from './oracle';
import { addressOf } from './routes';
import { sampleFor } from './samples';
import { attackWorld, type AttackWorld } from './world';

/** Of each operation by each kind of caller. */
const each = scaled(7, 400);
/** Of the operations that a fitting request can do, how many must do a drawn one. */
const drawnShare = scaled(0.5, 0.7);
/** Together, because some doors answer no earlier than after a fifth of a second. */
const abreast = 14;

let world: AttackWorld;
let front: Front;
let tables: string[];
let passwordHash: string;
beforeAll(async () => {
  world = await attackWorld();
  const { owner } = world.people;
  world.acme.ids['proof'] = (await createProof(owner.ctx, world.studio.organization.id)).id;
  passwordHash = await createPasswordHasher().hash(password);
  front = world.front();
  const rows = await world.studio.raw<{ name: string }>(`select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'graphile_worker') and relname like '%\\_%'`);
  tables = rows.map(({ name }) => name);
});
afterAll(async () => {
  await front.close();
  await world.close();
});

const callers = ['anonymous', 'owner', 'viewer', 'api key'] as const;
type Caller = (typeof callers)[number];

/** Whoever asks one operation: people and credentials of its own, since some operations end the membership or the credential that they are asked with. */
interface Cast {
  owner: Person;
  credentials: Readonly<Record<Caller, Record<string, string>>>;
}

async function newCast(): Promise<Cast> {
  const [owner, viewer] = [await member('owner'), await member('viewer')];
  return { owner, credentials: { anonymous: {}, owner: byCookie(owner), viewer: byCookie(viewer), 'api key': { authorization: `Bearer ${await world.newApiKey()}` } } };
}

function byCookie({ sessionToken }: Person): Record<string, string> {
  return { cookie: `studio_session=${sessionToken}`, 'sec-fetch-site': 'same-origin' };
}

async function member(role: Role): Promise<Person> {
  const person = await world.studio.person();
  await world.studio.join(world.studio.organization, person, role);
  await world.studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [person.id, passwordHash]);
  await world.studio.raw('update user_sessions set stepped_up_at = now() where id = $1', [person.sessionId]);
  return person;
}

/** After these a caller has no right to be let in any more. */
const endings = ['POST /auth/logout', 'POST /organizations/{organization}/leave', 'POST /users/change-password'];

const nameOf = ({ method, path }: Operation) => `${method} ${path}`;

/** What reads comes first, what deletes last, and a thing before what holds it. */
function inOrder(all: readonly Operation[]): Operation[] {
  const depth = ({ path }: Operation) => path.split('/').length;
  return all.toSorted((a, b) => destructive(a) - destructive(b) || (a.method === 'DELETE' ? depth(b) - depth(a) : 0));
}

const destructive = (operation: Operation): number => (operation.method === 'DELETE' ? 2 : operation.method === 'GET' ? 0 : 1);

interface Outcome {
  tried: number;
  /** Answers by status, to see that the requests got inside. */
  statuses: Map<number, number>;
  wrong: string[];
  /** Operations that refused what fits them as they have to here, and those that refused it otherwise. */
  refused: number;
  missed: string[];
  /** Operations that did what a drawn request wanted. */
  drawn: Set<string>;
  /** Callers who could still read the organization when an operation was through with them, and those who could not. */
  alive: number;
  lost: string[];
}

async function fuzz(all: readonly Operation[]): Promise<Outcome> {
  const outcome: Outcome = { tried: 0, statuses: new Map(), wrong: [], refused: 0, missed: [], drawn: new Set(), alive: 0, lost: [] };
  // Before anything that is drawn has changed what there is, and nothing is deleted before it is used.
  for (const operation of all.filter(({ method }) => method !== 'DELETE')) await askPlainly(outcome, operation);
  for (const operation of all) {
    if (operation.method === 'DELETE') await askPlainly(outcome, operation);
    const { owner, credentials } = await newCast();
    const drawn = fc.sample(requestsFor(operation, await fittedFor(operation, owner)), { seed: proof.seed, numRuns: each * callers.length });
    for (const [index, caller] of callers.entries()) {
      const asked = { outcome, operation, caller, credential: credentials[caller] };
      const requests = drawn.slice(index * each, (index + 1) * each);
      for (let from = 0; from < requests.length; from += abreast) {
        const answers = await Promise.all(requests.slice(from, from + abreast).map((request) => judge(asked, request)));
        if (answers.some(isDone)) outcome.drawn.add(nameOf(operation));
      }
      await lookAlive(asked);
    }
  }
  return outcome;
}

async function fittedFor(operation: Operation, owner: Person): Promise<Fitted> {
  const ids = { ...world.acme.ids, session: (await world.session(owner)).publicId };
  return { ids, body: await fittedBody(operation, { world, front, owner, ids }) };
}

/** Asks as an owner for what the operation is there for. */
async function askPlainly(outcome: Outcome, operation: Operation): Promise<void> {
  const owner = await member('owner');
  const request = plainRequest(operation, await fittedFor(operation, owner));
  const answer = await judge({ outcome, operation, caller: 'owner', credential: byCookie(owner) }, request);
  const refusal = unfit[nameOf(operation)];
  if (refusal !== undefined && answer.text.includes(`"code":"${refusal.code}"`)) outcome.refused += 1;
  else if (!isDone(answer) || (refusal !== undefined && refusal.orDone !== true)) outcome.missed.push(`${nameOf(operation)}: ${answer.status} ${answer.text.slice(0, 300)}`);
}

const isDone = ({ status }: Answered) => status < 400;

interface Asked {
  outcome: Outcome;
  operation: Operation;
  caller: Caller;
  credential: Record<string, string>;
}

/** A caller who was thrown out on the way has tried nothing since. */
async function lookAlive({ outcome, operation, caller, credential }: Asked): Promise<void> {
  if (caller === 'anonymous' || endings.includes(nameOf(operation))) return;
  const { status } = await front.ask('GET', `/api/v1/organizations/${world.acme.ids['organization']}`, { headers: credential });
  if (status === 200) outcome.alive += 1;
  else outcome.lost.push(`${caller} after ${nameOf(operation)}: ${status}`);
}

async function judge({ outcome, operation, caller, credential }: Asked, request: FuzzedRequest): Promise<Answered> {
  const { method, address, body } = request;
  // What fetch itself would not send is for the raw sockets of the built suite.
  const headers = { ...request.headers, ...credential };
  outcome.tried += 1;
  const answer = await front.ask(method, address, { headers, body }).catch((error: unknown) => ({ status: 599, headers: new Headers(), text: `broke off: ${String(error)}` }));
  outcome.statuses.set(answer.status, (outcome.statuses.get(answer.status) ?? 0) + 1);
  const wrong = wrongWith(answer, address + decoded(address) + (body ?? '') + JSON.stringify(headers), tables);
  if (wrong !== undefined) outcome.wrong.push(`${caller} at ${nameOf(operation)}: ${wrong}\n  ${method} ${address.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)}\n  ${(body ?? '').slice(0, 300)}`);
  return answer;
}

function sampleOf({ method, path }: Operation): object {
  return sampleFor({ method: asMethod(method), path }, world.acme.ids);
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return '';
  }
}

describe('R17, A1: requests that nobody would send', () => {
  test('get a refusal with a code, never a failure, and no word from inside', { timeout: scaled(240_000, 3_600_000) }, async (context) => {
    const all = inOrder(operations());
    const { tried, statuses, wrong, refused, missed, drawn, alive, lost } = await fuzz(all);
    const spread = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ');
    console.info(`fuzz, seed ${proof.seed}: ${spread}; nothing drawn was done by ${all.map(nameOf).filter((name) => !drawn.has(name)).join(', ')}`);
    const logged = front.lines.filter((line) => line.includes('"level":50'));
    expect.soft([...new Set(wrong)].slice(0, 15)).toEqual([]);
    expect.soft(logged.slice(0, 5)).toEqual([]);
    expect.soft({ missed, lost }).toEqual({ missed: [], lost: [] });
    // Some have to fit, or nothing behind the first check was reached.
    const inside = [...statuses].filter(([status]) => status < 300).reduce((sum, [, count]) => sum + count, 0);
    expect.soft(inside / tried).toBeGreaterThan(0.05);
    const least = Math.ceil((all.length - refused) * drawnShare);
    figure(context, { requirements: ['R17', 'A1'], what: `Broken requests at ${all.length} operations as guest, owner, viewer and API key (${inside} of them fitted)`, reached: `${wrong.length} answered 5xx or with a word from inside, of ${tried}; ${logged.length} errors in the log`, bound: '0, 0 errors, a twentieth fitted', pass: wrong.length + logged.length === 0 && inside / tried > 0.05 });
    figure(context, { requirements: ['R17'], what: 'Operations reached beyond validation by a request that fits them, and by drawn ones', reached: `${all.length - missed.length} of ${all.length}, ${refused} of them with the refusal that they have to give here; ${drawn.size} by drawn ones`, bound: `all, ${least} by drawn ones`, pass: missed.length === 0 && drawn.size >= least });
    figure(context, { requirements: ['A1'], what: 'Callers who could still read their organization after the requests at each operation that ends no access', reached: `${alive} of ${alive + lost.length}`, bound: 'all', pass: lost.length === 0 && alive > all.length });
  });

  test('times at the ends of time are taken or refused by every field that takes a time', async (context) => {
    const wrong: string[] = [];
    let tried = 0;
    let fields = 0;
    for (const operation of operations()) {
      const { token } = await world.session(world.people.owner);
      const headers = { cookie: `studio_session=${token}`, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
      const address = addressOf({ path: `/api/v1${operation.path}` }, world.acme.ids);
      const asked = async (query: string, body: string | undefined) => {
        tried += 1;
        const answer = await front.ask(operation.method, address + query, { headers, body }).catch((error: unknown) => ({ status: 599, headers: new Headers(), text: String(error) }));
        const found = wrongWith(answer, query + (body ?? ''), tables);
        if (found !== undefined) wrong.push(`${operation.method} ${operation.path} ${query} ${body ?? ''}: ${found}`);
      };
      const [inQuery, inBody] = [operation.query.filter(({ schema }) => timesIn(schema).length > 0), timesIn(operation.body ?? {})];
      fields += inQuery.length + inBody.length;
      for (const time of [...strangeTimes, '0000-01-01', '9999-12-31']) {
        for (const { name } of inQuery) await asked(`?${name}=${encodeURIComponent(time)}`, undefined);
        for (const [name = ''] of inBody) await asked('', JSON.stringify({ ...sampleOf(operation), [name]: time }));
      }
    }
    expect.soft(wrong).toEqual([]);
    figure(context, { requirements: ['R17'], what: `Times at the ends of time in ${fields} fields`, reached: `${wrong.length} answered 5xx of ${tried}`, bound: '0', pass: wrong.length === 0 && fields >= 4 });
  });

  test('the test can see: an answer with a word from inside is caught', (context) => {
    const problem = (detail: string, status = 409) => ({ status, headers: new Headers({ 'content-type': 'application/problem+json' }), text: JSON.stringify({ status, code: 'conflict', detail, request_id: 'x' }) });
    const planted = [
      problem('duplicate key value violates unique constraint "organizations_slug_unique"'), problem('invalid input syntax for type uuid: "x"'), problem('value "99999999999" is out of range for type integer'), problem('relation "projects" does not exist'),
      problem('new row violates row-level security policy for table "projects"'), problem('syntax error at or near "from"'), problem('Cannot read properties of undefined'), problem('the row is in one_time_tokens'), problem('TypeError: x'), problem('select id from projects where'),
      problem('x\n    at within (/work/lib/identity/access/within.ts:53:22)'), problem('fine', 500), { ...problem('fine'), headers: new Headers({ 'content-type': 'text/html' }) }, { ...problem('fine'), text: '{}' },
    ];
    const unseen = planted.filter((answer) => wrongWith(answer, 'nothing', tables) === undefined);
    expect.soft(unseen).toEqual([]);
    const caught = planted.length - unseen.length;
    expect(wrongWith(problem('This address is taken. Choose another one.'), 'nothing', tables)).toBeUndefined();
    figure(context, { requirements: ['R17'], what: 'Control: planted answers with words from inside', reached: `${caught} of ${planted.length} caught`, bound: 'all', pass: caught === planted.length });
  });
});
