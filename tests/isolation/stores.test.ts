import { afterAll, afterEach, beforeAll, test, vi } from 'vitest';
import { z } from 'zod';
import { doors } from '@/app/api/_routes/doors';
import { withTenant } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import type { Cache } from '@/lib/adapters/cache/port';
import type * as answerCache from '@/lib/http/answer-cache';
import { isKept } from '@/lib/http/door';
import { isAppError } from '@/lib/kernel/errors';
import { NotGoneYet } from '@/lib/projects/attempt/remove-attempt';
import type * as copies from '@/lib/projects/recent-copy';
import { figure, proof, scaled } from '../support/figure';
import { idsForJobs, namingJobs, ripen } from './ripe-jobs';
import type { Actor } from './routes/actors';
import { openFront, type Front } from './routes/front';
import type { Operation } from './routes/operations';
import type { Side } from './routes/organization';
import { leakedValue } from './routes/private-values';
import { fill, type Filled } from './routes/requests';
import { makeRouteWorld, type RouteWorld } from './routes/route-world';

/** How the keys are built, which is by all of their parts. */
const weak: { answerKey(key: string): string; copyOf(parts: readonly unknown[]): readonly unknown[] } = vi.hoisted(() => ({ answerKey: (key) => key, copyOf: (parts) => parts }));
const strong = { ...weak };
const strengthen = () => Object.assign(weak, strong);

vi.mock('@/lib/http/answer-cache', async (original) => {
  const actual = await original<typeof answerCache>();
  const createAnswerCache: typeof actual.createAnswerCache = () => {
    const answers = actual.createAnswerCache();
    return { find: (key) => answers.find(weak.answerKey(key)), keep: (key, answer) => answers.keep(weak.answerKey(key), answer) };
  };
  return { ...actual, createAnswerCache };
});

vi.mock('@/lib/projects/recent-copy', async (original) => {
  const actual = await original<typeof copies>();
  const recentCopy: typeof actual.recentCopy = (ctx, organizationId, reading) => actual.recentCopy(ctx, organizationId, { ...reading, of: weak.copyOf(reading.of) });
  return { ...actual, recentCopy };
});

let world: RouteWorld;
let owners: { side: Side; actor: Actor; foreign: readonly string[] }[];

beforeAll(async () => {
  world = await makeRouteWorld();
  const { victim, attacker, cast, secretOf } = world;
  owners = [
    { side: victim, actor: cast.owner, foreign: secretOf.attacker },
    { side: attacker, actor: cast.stranger, foreign: secretOf.victim },
  ];
});

afterEach(strengthen);
afterAll(() => world.close());

const plain = (method: string, path: string, body?: unknown): Filled => ({ method, path, body, said: '' });

const readsOf = ({ operations }: Front): Operation[] => operations.filter(({ method }) => method === 'GET');

/** A cache that notes under which keys each caller keeps something; `keyOf` stands for the builder of the keys. */
function notedCache(keyOf: (key: string) => string = (key) => key): Cache & { caller: string; kept: Map<string, Set<string>> } {
  const inner = createMemoryCache();
  const all = (keys: readonly string[]) => keys.map(keyOf);
  const noted = {
    caller: '',
    kept: new Map<string, Set<string>>(),
    getMany: (keys: readonly string[]) => inner.getMany(all(keys)),
    set(key: string, value: string, maxAgeMs: number) {
      noted.kept.set(keyOf(key), (noted.kept.get(keyOf(key)) ?? new Set()).add(noted.caller));
      return inner.set(keyOf(key), value, maxAgeMs);
    },
    clear: (keys: readonly string[]) => inner.clear(all(keys)),
    bump: (keys: readonly string[]) => inner.bump(all(keys)),
    sure: () => inner.sure(),
    close: () => inner.close(),
  };
  return noted;
}

/** Both owners ask every reading route for their own things, each twice and in turn, and nothing is forgotten between. */
async function crossings(front: Front, reads: readonly Operation[], noted?: { caller: string }): Promise<{ asked: number; found: string[] }> {
  const found: string[] = [];
  let asked = 0;
  for (const operation of reads) {
    for (const { side, actor, foreign } of [...owners, ...owners]) {
      if (noted !== undefined) noted.caller = actor.name;
      const request = fill(operation, side.ids);
      const { text, status } = await front.ask(request, actor.headers);
      asked += 1;
      const seen = leakedValue(text, request.said, foreign);
      if (seen !== undefined) found.push(`${operation.name}, asked by ${actor.name}: ${seen}`);
      if (status >= 500) found.push(`${operation.name}, asked by ${actor.name}: ${status}`);
    }
    // What one of them just read is warm, and is asked for by those who may not see it.
    for (const { side } of owners) {
      const other = owners.find((each) => each.side !== side);
      if (operation.open || other === undefined || operation.inPath.length === 0) continue;
      if (noted !== undefined) noted.caller = other.actor.name;
      const { text, status } = await front.ask(fill(operation, side.ids), other.actor.headers);
      asked += 1;
      if (status < 400) found.push(`${operation.name}: ${other.actor.name} got ${status} for what is not theirs`);
      if (leakedValue(text, fill(operation, side.ids).said, other.foreign) !== undefined) found.push(`${operation.name}: ${other.actor.name} saw what is not theirs`);
    }
  }
  await world.kept.restore();
  return { asked, found };
}

test('A19: no entry of the cache serves two organizations', { timeout: 240_000 }, async (context) => {
  const cache = notedCache();
  const front = openFront(world.studio, doors, { ...world.clouds.ports, cache });
  const { asked, found } = await crossings(front, readsOf(front), cache);
  await front.close();
  const shared = [...cache.kept].filter(([, callers]) => callers.size > 1).map(([key]) => key);
  console.info(shared.join('\n'));
  figure(context, {
    requirements: ['A19', 'R3'], what: 'answers and cache keys of two owners who ask every reading route in turn',
    reached: `${found.length} crossings in ${asked} answers; ${shared.length} of ${cache.kept.size} cache keys shared`, bound: '0 and 0, with keys at all', pass: found.length === 0 && shared.length === 0 && cache.kept.size > 5,
  });
});

/** Where answers are kept for a moment, for a look that is short. */
const isKeptForSeconds = ({ path }: Operation) => path === '/projects' || path.includes('/data/');

const hex = /[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{40,}/g;

test('A19: a key that forgets whose it is shows at once', { timeout: 240_000 }, async (context) => {
  const caught: string[] = [];
  const forgetful = notedCache((key) => key.replaceAll(hex, '*'));
  const shared = openFront(world.studio, doors, { ...world.clouds.ports, cache: forgetful });
  if ((await crossings(shared, readsOf(shared).filter(isKeptForSeconds), forgetful)).found.length > 0) caught.push('the keys of what is kept in Redis');
  await shared.close();

  // Without who asks, which is the first part of the key.
  weak.answerKey = (key) => key.replace(/^[^|]*\|[^|]*\|[^|]*\|/, '').replaceAll(/org_\w+/g, '*').replace(/\|[^|]*$/, '');
  const front = openFront(world.studio, doors, world.clouds.ports);
  if ((await crossings(front, readsOf(front).filter(isKeptForSeconds))).found.length > 0) caught.push('the keys of kept answers');
  await front.close();
  figure(context, { requirements: ['A19'], what: 'weakened key builders that the same look finds', reached: `${caught.length} of 2 (${caught.join(', ')})`, bound: '2', pass: caught.length === 2 });
});

/** Everybody of one organization, whoever may see more before whoever may see less; then those of elsewhere. */
function callersInTurn({ cast }: RouteWorld): Actor[] {
  const inside = cast.all.filter(({ standing, scopes }) => standing === 'inside' && (proof.whole || scopes?.length !== 1));
  return [...inside, cast.limitedKey, ...cast.boundElsewhere, cast.both, cast.stranger];
}

/** What is asked of routes that keep their answers: for both projects, for what is not there, and for a page of one. */
function keptRequests(front: Front): Filled[] {
  const asked = readsOf(front).filter(isKeptForSeconds).flatMap((operation) => [world.victim.ids, world.victim.sibling].map((ids) => fill(operation, ids)));
  const varied = asked.flatMap((request) => {
    const { path } = request;
    return [request, { ...request, path: path.replace(/=(notes|files)\b/, '=nothing') }, ...(path.startsWith('/projects?') ? [{ ...request, path: `${path}&limit=1` }] : [])];
  });
  return [...new Map(varied.map((request) => [request.path, request])).values()];
}

/** Of a change that is made anew for each look. */
const changedAt = /"updated_at":"[^"]+"/g;

/** The answers to everybody in turn, and once more after somebody has left and a project was changed. */
async function* answersInTurn(front: Front): AsyncGenerator<{ who: string; said: string }> {
  const [requests, callers] = [keptRequests(front), callersInTurn(world)];
  async function* answers(asked: readonly Filled[], when: string) {
    for (const request of asked) {
      for (const { name, headers } of callers) {
        const { status, json } = await front.ask(request, headers);
        yield { who: `${request.path}, ${name}, ${when}`, said: status < 400 ? JSON.stringify(json).replaceAll(changedAt, '') : String(status) };
      }
    }
  }
  yield* answers(requests, 'at first');
  await front.ask(plain('POST', `/organizations/${world.victim.organization.id}/leave`), world.cast.byRole.get('developer')?.headers ?? {});
  await front.ask(plain('PATCH', `/projects/${world.victim.ids['project']}`, { framework: 'vue' }), world.cast.owner.headers);
  yield* answers(proof.whole ? requests : requests.filter(({ path }) => path.startsWith('/projects?')), 'later');
}

/** What a front that keeps answers says otherwise than one that keeps nothing; the first few are enough. */
async function strayAnswers(due: readonly string[], enough: number): Promise<{ asked: number; found: string[] }> {
  const front = openFront(world.studio, doors, world.clouds.ports);
  const found: string[] = [];
  let asked = 0;
  for await (const { who, said } of answersInTurn(front)) {
    if (said !== due[asked]) found.push(`${who}: ${said.slice(0, 80)}`);
    asked += 1;
    if (found.length >= enough) break;
  }
  await world.kept.restore();
  await front.close();
  return { asked, found };
}

const without = (parts: readonly unknown[], index: number) => parts.toSpliced(index, 1);

/** The parts of both keys, in the order in which they stand there. */
const partsOfAnswers = ['the kind of caller', 'who calls', 'what a token is bound to', 'the address', 'the version of the organization'];
const partsOfCopies = ['the project at Appwrite', 'what is read', 'which of it'];

/** Parts without which no two keys are the same. */
const neededByNobody: Readonly<Record<string, string>> = { 'the kind of caller': 'no person has the id of a key' };

test('A19: a kept answer is given to nobody who would be answered otherwise, of the same organization too', { timeout: scaled(240_000, 1_200_000) }, async (context) => {
  const forgetting = openFront(world.studio, doors, { ...world.clouds.ports, cache: { ...createMemoryCache(), sure: () => false } });
  const due: string[] = [];
  for await (const { said } of answersInTurn(forgetting)) due.push(said);
  await world.kept.restore();
  await forgetting.close();
  const { asked, found } = await strayAnswers(due, 10);
  console.info(found.join('\n'));
  figure(context, {
    requirements: ['A19', 'R3'], what: 'kept answers, asked for by everybody in turn, that differ from what they are told where nothing is kept',
    reached: `${found.length} of ${asked} (${callersInTurn(world).length} callers; ${due.filter((said) => said === '403' || said === '404').length} of them refused)`, bound: '0, where some are refused', pass: found.length === 0 && due.includes('403') && due.includes('404'),
  });

  const mutants = [
    ...partsOfAnswers.map((part, index) => ({ part, weaken: () => (weak.answerKey = (key) => without(key.split('|'), index).join('|')) })),
    ...partsOfCopies.map((part, index) => ({ part, weaken: () => (weak.copyOf = (of) => without(of, index)) })),
  ];
  const survivors: string[] = [];
  for (const { part, weaken } of mutants) {
    weaken();
    if ((await strayAnswers(due, 1)).found.length === 0) survivors.push(part);
    strengthen();
  }
  const unexplained = survivors.filter((part) => neededByNobody[part] === undefined);
  figure(context, {
    requirements: ['A19'], what: 'parts left out of the keys of kept answers and copies, one by one, that the same look finds',
    reached: `${mutants.length - survivors.length} of ${mutants.length}${survivors.map((part) => `; not ${part}: ${neededByNobody[part] ?? 'for no reason'}`).join('')}`,
    bound: `all but ${Object.keys(neededByNobody).length}`, pass: unexplained.length === 0 && survivors.length === Object.keys(neededByNobody).length,
  });
});

test('an Idempotency-Key of one caller answers nothing to another', { timeout: 240_000 }, async (context) => {
  const front = openFront(world.studio, doors, world.clouds.ports);
  const posts = front.operations.filter(({ name }) => doors.some((door) => isKept(door) && `POST ${door.path}` === name));
  const others = [world.cast.stranger, world.cast.both, world.cast.rightless, ...world.cast.byRole.values()].filter(({ name }) => name !== 'owner');
  const found: string[] = [];
  let [tried, replayed] = [0, 0];
  for (const [index, operation] of posts.entries()) {
    const request = fill(operation, world.victim.ids);
    const send = (actor: Actor) => front.ask(request, { ...actor.headers, 'idempotency-key': `key-${index}` });
    if ((await send(world.cast.owner)).status >= 400) continue;
    if ((await send(world.cast.owner)).text.includes('idempotency-replayed: true')) replayed += 1;
    for (const actor of others) {
      tried += 1;
      if ((await send(actor)).text.includes('idempotency-replayed')) found.push(`${operation.name} by ${actor.name}`);
    }
    await world.kept.restore();
    front.forget();
  }
  await front.close();
  console.info(found.join('\n'));
  figure(context, { requirements: ['A19', 'R3'], what: 'answers kept for an Idempotency-Key, asked for by everybody else with the same key', reached: `${found.length} of ${tried} given out (the owner got ${replayed} again)`, bound: '0', pass: found.length === 0 && replayed > 5 });
});

const Listed = z.object({ next_cursor: z.string().nullable() });

test('a cursor of one organization leads into no other one', { timeout: 120_000 }, async (context) => {
  const front = openFront(world.studio, doors, world.clouds.ports);
  const [victim, attacker] = owners;
  const found: string[] = [];
  let tried = 0;
  for (const operation of readsOf(front).filter(({ query }) => query.some(({ name }) => name === 'cursor'))) {
    const page = (ids: Side['ids'], more: string) => {
      const request = fill(operation, ids);
      return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}${more}` };
    };
    const first = await front.ask(page(victim?.side.ids ?? {}, 'limit=1'), victim?.actor.headers ?? {});
    const cursor = Listed.safeParse(first.json).data?.next_cursor;
    if (cursor == null) continue;
    tried += 1;
    const request = page(attacker?.side.ids ?? {}, `limit=100&cursor=${encodeURIComponent(cursor)}`);
    const { text, status } = await front.ask(request, attacker?.actor.headers ?? {});
    const seen = leakedValue(text, request.said + cursor, world.secretOf.victim);
    if (seen !== undefined || status >= 500) found.push(`${operation.name}: ${status} ${seen}`);
  }
  await front.close();
  console.info(found.join('\n'));
  figure(context, { requirements: ['R3'], what: 'cursors of one organization in the lists of another', reached: `${found.length} of ${tried} lists showed what is not theirs`, bound: '0', pass: found.length === 0 && tried >= 5 });
});

test('a stream of one organization tells nothing of another, wherever it goes on', { timeout: 60_000 }, async (context) => {
  const front = openFront(world.studio, doors, world.clouds.ports);
  const events = front.operations.find(({ path }) => path === '/events');
  if (events === undefined) throw new Error('there is no route /events');
  const [newest] = await world.studio.raw<{ id: string }>('select id from saga_events where organization_id = $1 order by id desc limit 1', [world.victim.organization.rowId]);
  const [oldest] = await world.studio.raw<{ id: string }>('select id from saga_events where organization_id = $1 order by id limit 1', [world.victim.organization.rowId]);
  const found: string[] = [];
  let told = 0;
  for (const since of [undefined, oldest?.id, newest?.id]) {
    for (const { side, actor, foreign } of owners) {
      const request = fill(events, side.ids);
      const listening = front.ask(request, { ...actor.headers, ...(since === undefined ? {} : { 'last-event-id': since }) });
      // Meanwhile something happens in both.
      for (const each of owners) await front.ask(plain('PATCH', `/projects/${each.side.ids['project']}`, { framework: 'vue' }), each.actor.headers);
      const { text, status } = await listening;
      if (status === 200 && text.includes('event: saga')) told += 1;
      const seen = leakedValue(text, `${request.said} ${since ?? ''}`, foreign);
      if (seen !== undefined) found.push(`${actor.name} since ${since ?? 'the start'}: ${seen}`);
    }
  }
  await world.kept.restore();
  await front.close();
  figure(context, { requirements: ['R3', 'A19'], what: 'live streams, from the start and from events of the other organization on', reached: `${found.length} of 6 told of the other one (${told} told of their own)`, bound: '0', pass: found.length === 0 && told >= 2 });
});

test('R19: a job that names things of another organization touches its own alone', { timeout: 240_000 }, async (context) => {
  const { studio, clouds, kept, victim, attacker, secretOf } = world;
  const called: string[] = [];
  const jobs = await namingJobs(world, called);
  const named = await idsForJobs(world, victim.organization.rowId);
  /** What a job of an organization does to the victim, whose things it names; nothing when all that comes of it is that there is no such thing. */
  const touchedBy = async (job: (payload: unknown) => Promise<void>, organization: string): Promise<string[]> => {
    await ripen(world, named);
    clouds.calls.splice(0);
    called.splice(0);
    studio.lines.splice(0);
    const failures: string[] = [];
    await job({ ...named, organization_id: organization }).catch((error: unknown) => {
      // Every removal is withheld here, so what is removed is still to be seen at Appwrite.
      if (!(error instanceof NotGoneYet) && !(isAppError(error) && error.code === 'not_found')) failures.push(`failed: ${String(error)}`);
    });
    const changed = (await kept.changed(victim.organization.rowId)).map((table) => `changed ${table}`);
    const calls = [...clouds.calls, ...called].filter((call) => leakedValue(call, '', secretOf.victim) !== undefined).map((call) => `called ${call}`);
    failures.push(...studio.lines.filter(({ level }) => level === 'error').map(({ message, fields }) => `failed: ${message}, ${String(fields['err'])}`));
    await kept.restore();
    return [...changed, ...calls, ...failures];
  };
  const found: string[] = [];
  const idle: string[] = [];
  for (const [name, job] of jobs) {
    const own = await touchedBy(job, victim.organization.rowId);
    if (own.length === 0 || own.some((each) => each.startsWith('failed'))) idle.push(`${name} ${own.join(', ')}`);
    found.push(...(await touchedBy(job, attacker.organization.rowId)).map((touched) => `${name} ${touched}`));
  }
  console.info([...found, ...idle].join('\n'));
  figure(context, { requirements: ['R19'], what: 'jobs of one organization whose payload names things of another', reached: `${found.length} things touched there by ${jobs.size} kinds of job (for their own organization ${jobs.size - idle.length} of them act on the same things)`, bound: '0, where all act on their own', pass: found.length === 0 && idle.length === 0 && jobs.size > 0 });
});

test('R19: a job is addressed to the organization in whose transaction it was added, whatever its payload says', async (context) => {
  const { studio, victim, attacker } = world;
  const scope = { organizationId: attacker.organization.rowId, userId: attacker.owner.id };
  await withTenant(studio.database, scope, {}, (tx) => tx.query(`select studio.enqueue('keep-logs', $1::jsonb, null, null)`, [JSON.stringify({ organization_id: victim.organization.rowId, forged: true })]));
  const jobs = await studio.raw<{ organization: string }>(`select payload->>'organization_id' as organization from graphile_worker._private_jobs where payload->>'forged' = 'true'`);
  await world.kept.restore();
  figure(context, { requirements: ['R19'], what: 'jobs added under a forged organization', reached: `${jobs.filter(({ organization }) => organization === victim.organization.rowId).length} of ${jobs.length}`, bound: '0 of 1', pass: jobs.length === 1 && jobs[0]?.organization === attacker.organization.rowId });
});
