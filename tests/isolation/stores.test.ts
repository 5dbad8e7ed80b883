import { afterAll, beforeAll, test, vi } from 'vitest';
import { z } from 'zod';
import { doors } from '@/app/api/_routes/doors';
import { withTenant } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import type { Cache } from '@/lib/adapters/cache/port';
import type * as answerCache from '@/lib/http/answer-cache';
import { isKept } from '@/lib/http/door';
import { isAppError } from '@/lib/kernel/errors';
import { NotGoneYet } from '@/lib/projects/attempt/remove-attempt';
import { figure } from '../support/figure';
import { idsForJobs, namingJobs, ripen } from './ripe-jobs';
import type { Actor } from './routes/actors';
import { openFront, type Front } from './routes/front';
import type { Operation } from './routes/operations';
import type { Side } from './routes/organization';
import { leakedValue } from './routes/private-values';
import { fill } from './routes/requests';
import { makeRouteWorld, type RouteWorld } from './routes/route-world';

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

afterAll(() => world.close());

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

  vi.resetModules();
  vi.doMock('@/lib/http/answer-cache', async (original) => {
    const actual = await original<typeof answerCache>();
    // Without who asks, which is the first part of the key.
    const withoutCaller = (key: string) => key.replace(/^[^|]*\|[^|]*\|[^|]*\|/, '').replaceAll(/org_\w+/g, '*').replace(/\|[^|]*$/, '');
    return {
      ...actual,
      createAnswerCache() {
        const answers = actual.createAnswerCache();
        return { find: (key: string) => answers.find(withoutCaller(key)), keep: (key: string, answer: Parameters<typeof answers.keep>[1]) => answers.keep(withoutCaller(key), answer) };
      },
    };
  });
  const fresh = await import('./routes/front');
  const front = fresh.openFront(world.studio, (await import('@/app/api/_routes/doors')).doors, world.clouds.ports);
  if ((await crossings(front, readsOf(front).filter(isKeptForSeconds))).found.length > 0) caught.push('the keys of kept answers');
  await front.close();
  vi.doUnmock('@/lib/http/answer-cache');
  vi.resetModules();
  figure(context, { requirements: ['A19'], what: 'weakened key builders that the same look finds', reached: `${caught.length} of 2 (${caught.join(', ')})`, bound: '2', pass: caught.length === 2 });
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
      for (const each of owners) await front.ask({ method: 'PATCH', path: `/projects/${each.side.ids['project']}`, body: { framework: 'vue' }, said: '' }, each.actor.headers);
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
