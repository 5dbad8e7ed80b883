import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type * as documents from '@/lib/local-cloud/appwrite/documents';
import { FileStore } from '@/lib/local-cloud/appwrite/file-store';
import { Namespace } from '@/lib/local-cloud/appwrite/namespace';
import { routes } from '@/lib/local-cloud/appwrite/routes/all';
import { KEY_SCOPES } from '@/lib/local-cloud/appwrite/scopes';
import { consoleSession, startStandIn, type RunningStandIn } from '../local-cloud/stand-in';
import { figure, proof, scaled } from '../support/figure';
import { anyBody, failsAlways, fillTenant, fingerprintOf, isForGuests, sendTo, sequenceOf, sharedIds, type Send, type Tenant } from './namespace-world';

/** Look-ups of the stand-in that a mutant weakens: keys by their secret alone, people and sessions in any project. */
const weak: { keys: boolean; peopleOf: Namespace | null } = vi.hoisted(() => ({ keys: false, peopleOf: null }));
vi.mock('@/lib/local-cloud/appwrite/documents', async (original) => {
  const actual = await original<typeof documents>();
  const findOneBy: typeof actual.findOneBy = (ns, collection, where) => actual.findOneBy(ns, collection, weak.keys && collection.name === 'keys' ? without(where, 'project') : where);
  const find: typeof actual.find = async (ns, collection, id) => {
    const found = await actual.find(ns, collection, id);
    const people = collection.name === 'users' || collection.name === 'sessions';
    return found ?? (weak.peopleOf !== null && people ? actual.find(weak.peopleOf, collection, id) : undefined);
  };
  return { ...actual, find, findOneBy };
});

function without<Values extends object>(values: Values, name: string): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name)) as Values;
}

let running: RunningStandIn;
let database: pg.Pool;
let send: Send;
let one: Tenant;
let two: Tenant;
let sequences: { one: number; two: number };

beforeAll(async () => {
  running = await startStandIn();
  database = new pg.Pool({ connectionString: running.databaseUrl, max: 2 });
  send = sendTo(running.url);
  const root = { 'x-appwrite-project': 'console', 'x-appwrite-session': await consoleSession(running.url) };
  const make = async (project: string): Promise<Tenant> => {
    await send('POST', '/v1/teams', root, { teamId: `team-of-${project}`, name: project });
    await send('POST', '/v1/projects', root, { projectId: project, name: project, teamId: `team-of-${project}` });
    const key: { secret: string } = JSON.parse((await send('POST', `/v1/projects/${project}/keys`, root, { keyId: `first-${project}`, name: 'first', scopes: KEY_SCOPES })).text);
    return fillTenant(send, { project, key: key.secret }, root);
  };
  [one, two] = [await make('project-one'), await make('project-two')];
  sequences = { one: await sequenceOf(database, one.project), two: await sequenceOf(database, two.project) };
});

afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(weak, { keys: false, peopleOf: null });
});

afterAll(async () => {
  await database.end();
  await running.stop();
});

const fingerprint = () => fingerprintOf(database, sequences.two);

interface Attempt {
  named: string;
  /** The first project is the one that is asked: then only an id could lead to the second one. */
  own: boolean;
  headers: Record<string, string>;
  query: string;
}

/** Every credential of the first project, brought to the second one, and both projects named at once. */
function attempts(): Attempt[] {
  const value = `{"a_session_${two.project}":"${one.session}"}`;
  const credentials: [string, Record<string, string>, string][] = [
    ['key', { 'x-appwrite-key': one.key }, ''],
    ['session cookie', { cookie: `a_session_${one.project}=${one.session}` }, ''],
    ['session cookie under the other name', { cookie: `a_session_${two.project}=${one.session}` }, ''],
    ['session header', { 'x-appwrite-session': one.session }, ''],
    ['fallback cookie under the other name', { 'x-fallback-cookies': value }, ''],
    ['JWT', { 'x-appwrite-jwt': one.jwt }, ''],
    ['file token', {}, `token=${one.fileToken}`],
    ['key in admin mode', { 'x-appwrite-key': one.key, 'x-appwrite-mode': 'admin' }, ''],
    ['session in admin mode', { cookie: `a_session_${one.project}=${one.session}; a_session_console=${one.session}`, 'x-appwrite-mode': 'admin' }, ''],
  ];
  return credentials.flatMap(([name, headers, query]) => [
    { named: `${name} of one, at two`, own: false, headers: { ...headers, 'x-appwrite-project': two.project }, query },
    { named: `${name} of one, at one with ids of two`, own: true, headers: { ...headers, 'x-appwrite-project': one.project }, query },
    { named: `${name} of one, at one and by query at two`, own: true, headers: { ...headers, 'x-appwrite-project': one.project }, query: `${query}&project=${two.project}` },
    { named: `${name} of one, by query at two`, own: false, headers, query: `${query}&project=${two.project}` },
  ]);
}

interface Route {
  method: string;
  path: string;
}

function addressOf({ path }: Route, { ids }: Tenant): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`The route ${path} asks for "${name}", of which the tenants have none: make one in tests/isolation/namespace-world.ts.`);
    return encodeURIComponent(id);
  });
}

/** What somebody of the first project sees or changes in the second one that a guest would not. */
async function crossing(route: Route, attempt: Attempt, before: string): Promise<string | null> {
  const path = addressOf(route, two);
  const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : anyBody(two);
  const said = `${path} ${JSON.stringify(body) ?? ''}`;
  const reply = await send(route.method, `${path}?${attempt.query}`, attempt.headers, body);
  const seen = two.own.find((text) => reply.text.includes(text) && !said.includes(text)) ?? seenWord(reply.text, said);
  if (reply.status >= 500 && !failsAlways.has(route.path)) return `it failed with ${reply.status}`;
  if (seen !== undefined) return `it shows ${seen}`;
  if (!attempt.own && isOwnAccount(route) && reply.status < 400) return 'it knows somebody of another project';
  if ((await fingerprint()) !== before) return 'it changed the other project';
  return null;
}

/** Names begin with the word of their tenant, and so do its ids, which the request says. */
function seenWord(text: string, said: string): string | undefined {
  const [word = ''] = two.own;
  return [...text.matchAll(new RegExp(`${word}[\\w-]*`, 'g'))].map(([found]) => found).find((found) => !said.includes(found));
}

/** Where everybody is shown who they are: in another project that is nobody. */
const isOwnAccount = ({ method, path }: Route) => method === 'GET' && /^\/v1\/account(\/(prefs|sessions))?$/.test(path);

async function lookAround(list: readonly Route[], tries: readonly Attempt[]): Promise<{ probes: number; found: string[] }> {
  const found: string[] = [];
  let probes = 0;
  let before = await fingerprint();
  for (const route of list) {
    for (const attempt of tries) {
      // Changes of the own project that name nothing else are nobody's business, and would end what the credentials rest on.
      if (attempt.own && route.method !== 'GET' && !route.path.includes(':')) continue;
      probes += 1;
      const saw = await crossing(route, attempt, before);
      if (saw === null) continue;
      before = await fingerprint();
      if (!(isForGuests(route) && saw === 'it changed the other project')) found.push(`${route.method} ${route.path}, ${attempt.named}: ${saw}`);
    }
  }
  return { probes, found };
}

test('R3: no credential of one project opens another one at the stand-in, on any of its routes', { timeout: scaled(180_000, 900_000) }, async (context) => {
  const tries = attempts();
  // Credentials come in fours, so a step of seven meets every way to name the other project on every route.
  const sliced = routes.flatMap((route, index) => tries.filter((_, at) => proof.whole || (at + index + proof.seed) % 7 === 0).map((attempt) => ({ route, attempt })));
  const found: string[] = [];
  let probes = 0;
  for (const route of routes) {
    const each = await lookAround([route], sliced.filter((pair) => pair.route === route).map(({ attempt }) => attempt));
    probes += each.probes;
    found.push(...each.found);
  }
  console.info(found.join('\n'));
  figure(context, { requirements: ['R3'], what: 'routes of the local Appwrite × credentials of another project: shown or changed', reached: `${found.length} of ${probes} probes on ${routes.length} routes`, bound: '0', pass: found.length === 0 });
  // Whoever tried could have: the credentials still open their own project.
  expect((await send('GET', '/v1/users', { 'x-appwrite-project': one.project, 'x-appwrite-key': one.key })).status).toBe(200);
  expect((await send('GET', '/v1/account', { 'x-appwrite-project': one.project, 'x-appwrite-session': one.session })).status).toBe(200);
});

test('the same ids in two projects are two things, and everybody finds their own', async () => {
  const paths = [`/v1/tablesdb/${sharedIds.databaseId}/tables/${sharedIds.tableId}/rows/${sharedIds.rowId}`, `/v1/storage/buckets/${sharedIds.bucketId}/files/${sharedIds.fileId}/download`, '/v1/users', '/v1/teams', '/v1/tablesdb', '/v1/storage/buckets'];
  for (const [own, other] of [[one, two], [two, one]] as const) {
    for (const path of paths) {
      const { status, text } = await send('GET', path, { 'x-appwrite-project': own.project, 'x-appwrite-key': own.key });
      expect(status, path).toBe(200);
      expect(text, path).toContain(own.own[0]);
      expect(text, path).not.toContain(other.own[0]);
    }
  }
});

/** In each table of a project a row can be of that project alone. */
async function tenantsTaken(): Promise<{ tables: number; found: string[] }> {
  const { rows } = await database.query<{ name: string; sequence: string }>(
    `select relname as name, substring(relname from '^_(\\d+)_') as sequence from pg_class where relnamespace = 'appwrite'::regnamespace and relkind = 'r' and relname ~ '^_\\d+_' order by 1`,
  );
  const found: string[] = [];
  for (const { name, sequence } of rows) {
    const other = Number(sequence) === sequences.one ? sequences.two : sequences.one;
    const taken = await database.query(`insert into appwrite."${name}" (_uid, "_createdAt", "_updatedAt", _tenant) values ($1, now(), now(), $2)`, [`planted-${name}`, other]).then(() => true, (error: unknown) => !(error instanceof pg.DatabaseError && error.code === '23514'));
    if (taken) found.push(name);
    const { rows: mixed } = await database.query(`select from appwrite."${name}" where _tenant <> $1`, [sequence]);
    if (mixed.length > 0) found.push(`${name} has rows of others`);
    await database.query(`delete from appwrite."${name}" where _uid = $1`, [`planted-${name}`]);
  }
  return { tables: rows.length, found: [...new Set(found)] };
}

test('R9: no table of a project takes a row of another one', async (context) => {
  const { tables, found } = await tenantsTaken();
  figure(context, { requirements: ['R9'], what: 'tables of projects at the local Appwrite that take a row of another project', reached: `${found.length} of ${tables}`, bound: '0', pass: found.length === 0 && tables > 20 });
});

test('each weakness of the router of namespaces is found', { timeout: 180_000 }, async (context) => {
  const tries = attempts().filter(({ named }) => !named.includes('admin'));
  const reads = routes.filter(({ method, path }) => method === 'GET' && !path.includes('/health'));
  const looks = async () => {
    // A router that fails has shown nothing.
    for (const route of reads) if ((await lookAround([route], tries)).found.some((each) => !each.includes('it failed with'))) return true;
    return false;
  };
  const project = Namespace.project.bind(Namespace);
  const mutants: [string, () => void | Promise<unknown>, () => Promise<boolean>][] = [
    ['the prefix is always that of one project', () => void vi.spyOn(Namespace, 'project').mockImplementation((pool) => project(pool, sequences.two)), looks],
    ['a key is known in every project', () => void Object.assign(weak, { keys: true }), looks],
    ['people are known in every project', () => void Object.assign(weak, { peopleOf: project(database, sequences.one) }), looks],
    [
      'files lie by their own ids alone',
      () => {
        const open = FileStore.prototype.open;
        vi.spyOn(FileStore.prototype, 'open').mockImplementation(function (this: FileStore, address, range) {
          return open.call(this, { ...address, projectId: two.project }, range);
        });
      },
      async () => (await send('GET', `/v1/storage/buckets/${sharedIds.bucketId}/files/${sharedIds.fileId}/download`, { 'x-appwrite-project': one.project, 'x-appwrite-key': one.key })).text.includes(two.own[0] ?? ''),
    ],
    [
      'tables do not check their tenant',
      async () => {
        const { rows } = await database.query<{ name: string; constraint: string }>(`select conrelid::regclass::text as name, quote_ident(conname) as constraint from pg_constraint where contype = 'c' and conrelid::regclass::text like '%\\_${sequences.one}\\_users%'`);
        for (const { name, constraint } of rows) await database.query(`alter table ${name} drop constraint ${constraint}`);
      },
      async () => (await tenantsTaken()).found.length > 0,
    ],
  ];
  const survivors: string[] = [];
  for (const [name, weaken, seen] of mutants) {
    await weaken();
    if (!(await seen())) survivors.push(name);
    vi.restoreAllMocks();
    Object.assign(weak, { keys: false, peopleOf: null });
  }
  figure(context, { requirements: ['R3', 'R9'], what: 'weaknesses put into the router of namespaces that the probes find', reached: `${mutants.length - survivors.length} of ${mutants.length}; survivors: ${survivors.join(', ') || 'none'}`, bound: 'all', pass: survivors.length === 0 });
});
