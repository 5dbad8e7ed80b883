import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Door } from '@/lib/http/door';
import { figure, proof, scaled } from '../support/figure';
import type { Front } from './front';
import { operations, requestsFor, type FuzzedRequest, type Operation } from './fuzz-requests';
import { strangeTimes, timesIn } from './from-schema';
import { wrongWith } from './oracle';
import { addressOf } from './routes';
import { sampleFor } from './samples';
import { attackWorld, type AttackWorld } from './world';

/** Of each operation by each kind of caller. */
const each = scaled(8, 400);
/** Together, because some doors answer no earlier than after a fifth of a second. */
const abreast = 14;

let world: AttackWorld;
let front: Front;
let tables: string[];
beforeAll(async () => {
  world = await attackWorld();
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

/** A credential of its own for each operation, since some operations end the one that they are asked with. */
async function credentialOf(caller: Caller): Promise<Record<string, string>> {
  if (caller === 'anonymous') return {};
  if (caller === 'api key') return { authorization: `Bearer ${await world.newApiKey()}` };
  const { token } = await world.session(world.people[caller]);
  return { cookie: `studio_session=${token}`, 'sec-fetch-site': 'same-origin' };
}

const destructive = (operation: Operation): number => (operation.method === 'DELETE' ? 2 : operation.method === 'GET' ? 0 : 1);

interface Outcome {
  tried: number;
  /** Answers by status, to see that the requests got inside. */
  statuses: Map<number, number>;
  wrong: string[];
}

async function fuzz(all: readonly Operation[]): Promise<Outcome> {
  const outcome: Outcome = { tried: 0, statuses: new Map(), wrong: [] };
  for (const operation of all) {
    const drawn = fc.sample(requestsFor(operation, world.acme.ids), { seed: proof.seed, numRuns: each * callers.length });
    for (const [index, caller] of callers.entries()) {
      const credential = await credentialOf(caller);
      const requests = drawn.slice(index * each, (index + 1) * each);
      for (let from = 0; from < requests.length; from += abreast) {
        await Promise.all(requests.slice(from, from + abreast).map((request) => judge(outcome, operation, caller, request, credential)));
      }
    }
  }
  return outcome;
}

async function judge(outcome: Outcome, operation: Operation, caller: Caller, request: FuzzedRequest, credential: Record<string, string>): Promise<void> {
  const { method, address, body } = request;
  // What fetch itself would not send is for the raw sockets of the built suite.
  const headers = { ...request.headers, ...credential };
  outcome.tried += 1;
  const answer = await front.ask(method, address, { headers, body }).catch((error: unknown) => ({ status: 599, headers: new Headers(), text: `broke off: ${String(error)}` }));
  outcome.statuses.set(answer.status, (outcome.statuses.get(answer.status) ?? 0) + 1);
  const wrong = wrongWith(answer, address + decoded(address) + (body ?? '') + JSON.stringify(headers), tables);
  if (wrong !== undefined) outcome.wrong.push(`${caller} at ${operation.method} ${operation.path}: ${wrong}\n  ${method} ${address.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)}\n  ${(body ?? '').slice(0, 300)}`);
}

function sampleOf({ method, path }: Operation): object {
  return sampleFor({ method: asMethod(method), path }, world.acme.ids);
}

function asMethod(method: string): Door['method'] {
  return method.toLowerCase() as Door['method'];
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
    const all = operations().toSorted((a, b) => destructive(a) - destructive(b));
    const { tried, statuses, wrong } = await fuzz(all);
    const spread = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ');
    console.info(`fuzz, seed ${proof.seed}: ${spread}`);
    const logged = front.lines.filter((line) => line.includes('"level":50'));
    expect.soft([...new Set(wrong)].slice(0, 15)).toEqual([]);
    expect.soft(logged.slice(0, 5)).toEqual([]);
    // Some have to fit, or nothing behind the first check was reached.
    const inside = [...statuses].filter(([status]) => status < 300).reduce((sum, [, count]) => sum + count, 0);
    expect.soft(inside / tried).toBeGreaterThan(0.05);
    figure(context, { requirements: ['R17', 'A1'], what: `Broken requests at ${all.length} operations as guest, owner, viewer and API key (${inside} of them fitted)`, reached: `${wrong.length} answered 5xx or with a word from inside, of ${tried}; ${logged.length} errors in the log`, bound: '0, 0 errors, a twentieth fitted', pass: wrong.length + logged.length === 0 && inside / tried > 0.05 });
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
