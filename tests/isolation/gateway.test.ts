import { PassThrough } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type * as admission from '@/lib/gateway/admit';
import type * as bodies from '@/lib/gateway/body-check';
import type * as requests from '@/lib/gateway/request-headers';
import type * as responses from '@/lib/gateway/response-headers';
import type * as upstreams from '@/lib/gateway/upstreams';
import { routes } from '@/lib/local-cloud/appwrite/routes/all';
import type * as standIn from '@/lib/local-cloud/appwrite/server';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { createKey } from '@/lib/projects/key/create-key';
import { grantableScopes } from '@/lib/projects/key/scopes';
import { ask, moveInstance, startGateway, startUpstream, type Heard, type RunningGateway, type Upstream } from '../gateway/support';
import { appwriteIdOf, testProjects, type TestProjects } from '../projects/support';
import type { Person } from '../support/context';
import { figure, proof, scaled } from '../support/figure';
import { anyBody, failsAlways, fillTenant, fingerprintOf, isForGuests, sendTo, sequenceOf, type Send, type Tenant } from './namespace-world';

/** The check that a mutant leaves out. */
type Weakness = 'modes' | 'key kinds' | 'paths' | 'second projects' | 'unknown projects' | 'bodies' | 'cookies in' | 'cookies out';
const weak: { at: Weakness | null; endpoint: string } = vi.hoisted(() => ({ at: null, endpoint: '' }));

vi.mock('@/lib/gateway/admit', async (original) => {
  const actual = await original<typeof admission>();
  const admit: typeof actual.admit = ({ method, target, headers }) => {
    const [path = '', query = ''] = target.split('?');
    const rest = target.slice(path.length);
    const keep = (name: string) => query.split('&').filter((pair) => !pair.toLowerCase().includes(name)).join('&');
    const { 'x-appwrite-mode': _, ...withoutMode } = headers;
    const { 'x-appwrite-key': __, ...withoutKey } = headers;
    if (weak.at === 'modes') return { ...actual.admit({ method, target: `${path}?${keep('mode')}`, headers: withoutMode }), query: rest };
    if (weak.at === 'key kinds') return actual.admit({ method, target, headers: withoutKey });
    if (weak.at === 'paths') return { ...actual.admit({ method, target: `/v1/users${rest}`, headers }), path };
    if (weak.at === 'second projects') return { ...actual.admit({ method, target: `${path}?${keep('project')}`, headers }), query: rest };
    return actual.admit({ method, target, headers });
  };
  return { ...actual, admit };
});
vi.mock('@/lib/gateway/upstreams', async (original) => {
  const actual = await original<typeof upstreams>();
  const createUpstreams: typeof actual.createUpstreams = (ports) => {
    const made = actual.createUpstreams(ports);
    return { find: async (project, ip) => (weak.at === 'unknown projects' ? weak.endpoint : made.find(project, ip)) };
  };
  return { ...actual, createUpstreams };
});
vi.mock('@/lib/gateway/body-check', async (original) => {
  const actual = await original<typeof bodies>();
  return { ...actual, bodyCheck: (options: Parameters<typeof actual.bodyCheck>[0]) => (weak.at === 'bodies' ? new PassThrough() : actual.bodyCheck(options)) };
});
vi.mock('@/lib/gateway/request-headers', async (original) => {
  const actual = await original<typeof requests>();
  const requestHeaders: typeof actual.requestHeaders = (headers, facts) => ({ ...actual.requestHeaders(headers, facts), ...(weak.at === 'cookies in' && headers.cookie !== undefined ? { cookie: headers.cookie } : {}) });
  return { ...actual, requestHeaders };
});
vi.mock('@/lib/gateway/response-headers', async (original) => {
  const actual = await original<typeof responses>();
  const responseHeaders: typeof actual.responseHeaders = (headers, facts) => ({ ...actual.responseHeaders(headers, facts), ...(weak.at === 'cookies out' ? { 'set-cookie': headers['set-cookie'] } : {}) });
  return { ...actual, responseHeaders };
});
/** Where Appwrite keeps what the other project must not lose. */
const kept: { at: string } = vi.hoisted(() => ({ at: '' }));
vi.mock('@/lib/local-cloud/appwrite/server', async (original) => {
  const actual = await original<typeof standIn>();
  const createAppwriteStandIn: typeof actual.createAppwriteStandIn = (options) => {
    kept.at = options.databaseUrl;
    return actual.createAppwriteStandIn(options);
  };
  return { ...actual, createAppwriteStandIn };
});

let studio: TestProjects;
let database: pg.Pool;
let running: RunningGateway;
let one: Tenant;
let two: Tenant;
let deleted: string;

beforeAll(async () => {
  studio = await testProjects();
  database = new pg.Pool({ connectionString: kept.at, max: 1 });
  running = await startGateway(studio);
  const send = sendTo(running.url);
  const fill = async (owner: Person, organization: { id: string }, name: string): Promise<Tenant> => {
    const { id } = await createProject(owner.ctx, { organization_id: organization.id, name });
    await studio.settle(async () => (await getProject(owner.ctx, id)).status === 'ready');
    const { secret } = await createKey(owner.ctx, id, { name: 'app', scopes: [...grantableScopes] });
    return fillTenant(send, { project: await appwriteIdOf(studio, id), key: secret });
  };
  one = await fill(studio.owner, studio.organization, 'One');
  const other = await studio.person();
  two = await fill(other, await studio.newOrganization(other, 'Elsewhere'), 'Two');
  const gone = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'Gone' });
  await studio.settle(async () => (await getProject(studio.owner.ctx, gone.id)).status === 'ready');
  deleted = await appwriteIdOf(studio, gone.id);
  await studio.raw(`update projects set status = 'deleted' where public_id = $1`, [gone.id]);
});

beforeEach(() => {
  weak.at = null;
});

afterAll(async () => {
  await running.close();
  await database.end();
  await studio.close();
});

const fill = (path: string, ids: Record<string, string>) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`The route ${path} asks for "${name}", of which the tenants have none: make one in tests/isolation/namespace-world.ts.`);
    return encodeURIComponent(id);
  });

test('R3: through the gateway no credential of one project does anything in another one', { timeout: scaled(120_000, 600_000) }, async (context) => {
  const send: Send = sendTo(running.url);
  const credentials: [string, Record<string, string>][] = [
    ['key', { 'x-appwrite-key': one.key }],
    ['session cookie', { cookie: `a_session_${one.project}=${one.session}; a_session_${two.project}=${one.session}` }],
    ['session header', { 'x-appwrite-session': one.session }],
    ['fallback cookie', { 'x-fallback-cookies': JSON.stringify({ [`a_session_${two.project}`]: one.session }) }],
    ['JWT', { 'x-appwrite-jwt': one.jwt }],
  ];
  const [word = ''] = two.own;
  const found: string[] = [];
  let probes = 0;
  const sequence = await sequenceOf(database, two.project);
  let before = await fingerprintOf(database, sequence);
  for (const [index, { method, path }] of routes.entries()) {
    for (const [at, [name, headers]] of credentials.entries()) {
      for (const [project, query] of [[two.project, ''], [one.project, ''], [one.project, `?project=${two.project}`]] as const) {
        if (!proof.whole && (index + at + proof.seed) % 6 !== 0) continue;
        // Changes of the own project that name nothing else are nobody's business, and would end what the credentials rest on.
        if (project === one.project && method !== 'GET' && !path.includes(':')) continue;
        probes += 1;
        const address = fill(path, two.ids) + query;
        const body = method === 'GET' || method === 'DELETE' ? undefined : anyBody(two);
        const { status, text } = await send(method, address, { ...headers, 'x-appwrite-project': project }, body);
        const said = `${address} ${JSON.stringify(body) ?? ''}`;
        const seen = [...text.matchAll(new RegExp(`${word}[\\w-]*`, 'g'))].map(([each]) => each).find((each) => !said.includes(each));
        if (seen !== undefined) found.push(`${method} ${path} with ${name}: shows ${seen}`);
        if (status >= 500 && !failsAlways.has(path)) found.push(`${method} ${path} with ${name}: ${status}`);
        if (project === two.project && status < 400 && (method === 'GET' ? path === '/v1/account' : !isForGuests({ method, path }))) found.push(`${method} ${path} with ${name}: ${status}`);
        const after = await fingerprintOf(database, sequence);
        if (after !== before && !(project === two.project && isForGuests({ method, path }))) found.push(`${method} ${path} with ${name}, at ${project}: it changed the other project`);
        before = after;
      }
    }
  }
  console.info(found.join('\n'));
  figure(context, { requirements: ['R3'], what: 'gateway: routes × credentials of another project', reached: `${found.length} of ${probes} probes on ${routes.length} routes`, bound: '0', pass: found.length === 0 });
  // The look at what is kept sees a change, made here by the other project's own key.
  await send('POST', '/v1/users', { 'x-appwrite-project': two.project, 'x-appwrite-key': two.key }, { userId: 'seen', email: 'seen@example.com', password: 'correct-horse-1' });
  expect(await fingerprintOf(database, sequence)).not.toBe(before);
  // And whoever tried could have: the credentials still open their own project.
  for (const [name, headers] of credentials) {
    const path = name === 'key' ? '/v1/users' : '/v1/account';
    if (name === 'fallback cookie') continue;
    expect((await send('GET', path, { ...headers, 'x-appwrite-project': one.project })).status, name).toBe(200);
  }
});

interface Forbidden {
  named: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** What must not arrive at Appwrite. */
  never: RegExp;
  /** What must not come back. */
  neverBack?: RegExp;
}

/** Every place in which a request could name more than its own project. */
function forbidden(): Forbidden[] {
  const own = { 'x-appwrite-project': one.project };
  const found: Forbidden[] = [];
  for (const [field, value] of [['project', 'console'], ['project', two.project], ['mode', 'admin']] as const) {
    const never = new RegExp(value);
    const named = `${field}=${value}`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    found.push(
      { named: `${named} by query`, method: 'GET', path: `/v1/users?${named}`, headers: own, never },
      { named: `${named} by query, twice`, method: 'GET', path: `/v1/users?project=${one.project}&${named}`, headers: own, never },
      { named: `${named} in a list`, method: 'GET', path: `/v1/users?${field}[]=${value}`, headers: own, never },
      { named: `${named} as JSON`, method: 'POST', path: '/v1/users', headers: { ...own, 'content-type': 'application/json' }, body: JSON.stringify({ [field]: value }), never },
      { named: `${named} as a form`, method: 'POST', path: '/v1/users', headers: { ...own, ...form }, body: named, never },
      { named: `${named} as a part`, method: 'POST', path: '/v1/users', headers: { ...own, 'content-type': 'multipart/form-data; boundary=b1' }, body: `--b1\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n--b1--\r\n`, never },
    );
  }
  const other = `a_session_${two.project}=x`;
  return [
    ...found,
    { named: 'admin mode by header', method: 'GET', path: '/v1/users', headers: { ...own, 'x-appwrite-mode': 'admin' }, never: /./ },
    { named: 'the console by header', method: 'GET', path: '/v1/users', headers: { 'x-appwrite-project': 'console' }, never: /./ },
    ...['account_1', 'organization_1'].map((key) => ({ named: key, method: 'GET', path: '/v1/users', headers: { ...own, 'x-appwrite-key': key }, never: /./ })),
    ...['/v1/projects', `/v1/projects/${two.project}/keys`, '/v1/Projects', '/v1/%70rojects', '/v1/console/variables', '/v1/organization/projects', '/v1/users/../projects', '/v1/users/%2e%2e/projects', '/v1//projects'].map((path) => ({
      named: path, method: 'GET', path, headers: own, never: /./,
    })),
    ...['0'.repeat(32), deleted, 'x'].map((project) => ({ named: `unknown project ${project}`, method: 'GET', path: '/v1/users', headers: { 'x-appwrite-project': project }, never: /./ })),
    { named: 'cookies of others', method: 'GET', path: '/v1/users', headers: { ...own, cookie: `a_session_console=x; ${other}; studio_session=x` }, never: new RegExp(`a_session_console|${other}|studio_session`) },
    { named: 'cookies for others', method: 'GET', path: '/v1/users', headers: own, never: /^$/, neverBack: new RegExp(`a_session_console|a_session_${two.project}|studio_session`) },
  ];
}

test('R3: nothing that names more than its own project arrives at Appwrite, and each check that is left out shows', { timeout: 120_000 }, async (context) => {
  const arrived: string[] = [];
  const upstream: Upstream = await startUpstream((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      arrived.push(`${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks).toString()}`);
      response.setHeader('set-cookie', ['a_session_console=root', `a_session_${two.project}=x`, 'studio_session=x', `a_session_${one.project}=own`]);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    request.on('error', () => undefined);
  });
  await moveInstance(studio, upstream.url);
  weak.endpoint = upstream.url;
  const tries = forbidden();
  const violations = async (): Promise<string[]> => {
    const fresh = await startGateway(studio);
    const seen: string[] = [];
    for (const { named, method, path, headers, body, never, neverBack } of tries) {
      arrived.splice(0);
      const heard: Heard | null = await ask(fresh.url, path, { method, headers, ...(body === undefined ? {} : { body }) }).catch(() => null);
      if (arrived.some((each) => never.test(each))) seen.push(named);
      if (neverBack?.test(String(heard?.headers['set-cookie'])) === true) seen.push(named);
    }
    await fresh.close();
    return seen;
  };
  const seen = await violations();
  const weaknesses: Weakness[] = ['modes', 'key kinds', 'paths', 'second projects', 'unknown projects', 'bodies', 'cookies in', 'cookies out'];
  const survivors: Weakness[] = [];
  for (const weakness of weaknesses) {
    weak.at = weakness;
    if ((await violations()).length === 0) survivors.push(weakness);
    weak.at = null;
  }
  await upstream.close();
  console.info(seen.join('\n'));
  figure(context, { requirements: ['R3'], what: 'gateway: requests that name more than their own project and arrive', reached: `${seen.length} of ${tries.length}`, bound: '0', pass: seen.length === 0 });
  figure(context, { requirements: ['R3'], what: 'gateway: checks left out one by one, which the same requests find', reached: `${weaknesses.length - survivors.length} of ${weaknesses.length}; survivors: ${survivors.join(', ') || 'none'}`, bound: 'all', pass: survivors.length === 0 });
});
