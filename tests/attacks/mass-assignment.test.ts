import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPasswordHasher } from '@/lib/identity/user/password';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { figure } from '../support/figure';
import { password } from '../support/visitor';
import { changedTables, fingerprint, rowsWith } from './fingerprint';
import type { Front } from './front';
import type { Schema } from './from-schema';
import { operations } from './fuzz-requests';
import { addressOf, doorName, mutatingRoutes, nameOf, type Route } from './routes';
import { bodied, sampleFor } from './samples';
import { attackWorld, type AttackWorld } from './world';

let world: AttackWorld;
let front: Front;
beforeAll(async () => {
  world = await attackWorld();
  front = world.front();
  const hash = await createPasswordHasher().hash(password);
  await world.studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [world.acme.owner.id, hash]);
});
afterAll(async () => {
  await front.close();
  await world.close();
});

type Body = Record<string, unknown>;

/** Known again in any row, whatever column took it. */
const marks = { uuid: newUuid(), text: 'planted-by-an-attacker', time: '1999-12-31T23:59:58.000Z' };

/** Fields that the rows behind the doors have and no client may set, and names that code could trip over. */
function planted(): Body {
  const { uuid, text, time } = marks;
  const { other } = world;
  return {
    user_id: uuid, userId: uuid, user: { id: uuid }, owner_id: uuid, created_by: uuid, invited_by: uuid, actor_id: uuid,
    organization_id: other.ids['organization'], organizationId: other.rowId, org: other.ids['organization'], tenant_id: other.rowId, project_id: other.ids['project'],
    role: 'owner', roles: ['owner'], permissions: ['*'], rights: { 'member:manage': true }, scopes: ['*'], is_admin: true, isAdmin: true, admin: true, purpose: 'env',
    id: uuid, public_id: newPublicId('organization'), version: 99, created_at: time, updated_at: time, deleted_at: time, accepted_at: time, revoked_at: time, expires_at: time,
    email_verified_at: time, email_verified: true, disabled_at: null, stepped_up_at: time,
    status: 'ready', state: 'live', subscription_tier: text, plan: text, plan_key: text, subdomain: text, throw_away: true,
    token_hash: text, key_hash: text, password_hash: text, sealed_secret: text, secret: text, slug: 'planted-by-an-attacker',
    actor: { kind: 'system', job: 'janitor' }, ctx: { actor: { kind: 'system', job: 'janitor' } },
    constructor: { prototype: { polluted: text } }, prototype: { polluted: text }, toString: text, hasOwnProperty: text,
  };
}

/** The body with a field more in one of its objects, as text: `__proto__` is a name like any other in JSON. */
function withField(body: Body, path: readonly (string | number)[], name: string, value: unknown): string {
  const [step, ...rest] = path;
  if (step === undefined) {
    const own = JSON.stringify(body).slice(1, -1);
    return `{${own}${own === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}}`;
  }
  const parts = Object.entries(body).map(([key, part]) => `${JSON.stringify(key)}:${key === step ? inside(part, rest, name, value) : JSON.stringify(part)}`);
  return `{${parts.join(',')}}`;
}

function inside(part: unknown, rest: readonly (string | number)[], name: string, value: unknown): string {
  if (!Array.isArray(part)) return withField(asBody(part), rest, name, value);
  const [index, ...deeper] = rest;
  return `[${part.map((item: unknown, at) => (at === index ? inside(item, deeper, name, value) : JSON.stringify(item))).join(',')}]`;
}

function asBody(value: unknown): Body {
  return value as Body;
}

/** Where there are objects in a body: at its top and inside. */
function objectsIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return [path, ...Object.entries(value).flatMap(([key, part]) => objectsIn(part, [...path, key]))];
}

/** What a door may take of all these because it is what the door is for. Whatever else a schema declares is a finding. */
const agreed: Readonly<Record<string, readonly string[]>> = {
  'post /auth/login': ['organization_id'],
  'post /organizations': ['slug'],
  'patch /organizations/{organization}': ['slug', 'subdomain'],
  'patch /organizations/{organization}/members/{member}': ['role'],
  'post /organizations/{organization}/invitations': ['role'],
  'post /organizations/{organization}/api-keys': ['expires_at', 'project_id', 'scopes'],
  'post /projects': ['organization_id'],
  'post /projects/{project}/keys': ['expires_at', 'scopes'],
  'post /projects/{project}/env/variables': ['version'],
  'post /projects/{project}/drift/resolve': ['version'],
  'post /projects/{project}/deployments': ['version'],
};

/** Every name that a body may have at its top. */
function declaredBy({ properties = {}, anyOf = [], oneOf = [], allOf = [] }: Schema): string[] {
  return [...Object.keys(properties), ...[...anyOf, ...oneOf, ...allOf].flatMap(declaredBy)];
}

async function send(door: Pick<Route, 'method' | 'path'>, text: string, query = '') {
  const { token } = await world.session(world.acme.owner);
  return front.ask(door.method, addressOf(door, world.acme.ids) + query, { headers: { cookie: `studio_session=${token}`, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }, body: text });
}

test('A14: no field that a client adds to a body changes anything', { timeout: 240_000 }, async (context) => {
  const fields = [...Object.entries(planted()), ['__proto__', { role: 'owner', polluted: marks.text, is_admin: true }] as const];
  const names = new Set(fields.map(([name]) => name));
  const schemas = new Map(operations().map(({ method, path, body }) => [`${method.toLowerCase()} ${path}`, body]));
  const before = await fingerprint(world.studio);
  const taken: string[] = [];
  let tried = 0;
  for (const door of bodied) {
    const route = { method: door.method.toUpperCase(), path: `/api/v1${door.path}` };
    const allowed = agreed[doorName(door)] ?? [];
    const declared = new Set(declaredBy(schemas.get(doorName(door)) ?? {}).filter((name) => names.has(name)));
    taken.push(...[...declared].filter((name) => !allowed.includes(name)).map((name) => `${nameOf(route)} declares ${name}`));
    taken.push(...allowed.filter((name) => !declared.has(name)).map((name) => `${nameOf(route)} does not declare ${name}, which was agreed`));
    // A body that is refused for another reason proves nothing, so the schema takes it first.
    const body = sampleFor(door, world.acme.ids);
    const sent: Promise<void>[] = [];
    for (const at of objectsIn(body)) {
      for (const [name, value] of fields) {
        const text = withField(body, at, name, value);
        const fits = door.body.safeParse(JSON.parse(text)).success;
        if (fits && at.length === 0 && allowed.includes(name)) continue;
        tried += 1;
        if (fits) taken.push(`the schema of ${nameOf(route)} takes ${[...at, name].join('/')}`);
        else {
          sent.push(
            send(route, text).then(({ status }) => {
              if (status !== 422 && status !== 403 && status !== 404 && status !== 409) taken.push(`${nameOf(route)} took ${[...at, name].join('/')}: ${status}`);
            }),
          );
        }
      }
    }
    // All of a door together: some answer no earlier than after a fifth of a second.
    await Promise.all(sent);
  }
  // What a refusal may leave is the record of it.
  const changed = changedTables(before, await fingerprint(world.studio)).filter((table) => !/audit_logs|user_sessions/.test(table));
  expect.soft({ taken, changed }).toEqual({ taken: [], changed: [] });
  expect.soft(Reflect.get({}, 'polluted')).toBeUndefined();
  const agreements = Object.values(agreed).flat().length;
  figure(context, { requirements: ['A14'], what: `${fields.length} foreign fields in every object of the bodies of ${bodied.length} doors, but for ${agreements} that are what a door is for`, reached: `${taken.length} taken of ${tried}, ${changed.length} tables changed`, bound: '0 taken, 0 changed', pass: taken.length + changed.length === 0 && tried > 1_000 });
});

test('A14: the same names in the address change nothing that a plain request does not', { timeout: 240_000 }, async (context) => {
  const query = `?${new URLSearchParams({ user_id: marks.uuid, id: marks.uuid, role: 'owner', created_at: marks.time, subscription_tier: marks.text, plan_key: marks.text, slug: marks.text, 'scopes[]': marks.text, '__proto__[role]': marks.text, actor: marks.text })}`;
  for (const route of mutatingRoutes.filter(({ path, door }) => path.startsWith('/api/v1') && door !== undefined && !/\/auth\/(logout|register)|revoke-others/.test(path) && door.method !== 'delete')) {
    await send(route, route.door?.body === undefined ? '' : JSON.stringify(sampleFor(route.door, world.acme.ids)), query);
  }
  const { uuid, text, time } = marks;
  const rows = (await Promise.all([uuid, text, time.slice(0, 10)].map((mark) => rowsWith(world.studio, mark)))).reduce((sum, count) => sum + count, 0);
  const [member] = await world.studio.raw<{ role: string }>('select role from memberships where public_id = $1', [world.acme.ids['member']]);
  expect(await rowsWith(world.studio, 'attacked.example.com') + await rowsWith(world.studio, world.acme.owner.email)).toBeGreaterThan(0);
  figure(context, { requirements: ['A14'], what: 'Rows that hold a planted value after every changing door was asked with it in the address', reached: String(rows), bound: '0', pass: rows === 0 && member?.role === 'viewer' });
});

test('A14: a body that names another organization or person stays with the one who asks', async (context) => {
  const { other, acme } = world;
  const before = await fingerprint(world.studio);
  const answers = [
    await send({ method: 'POST', path: '/api/v1/projects' }, JSON.stringify({ organization_id: other.ids['organization'], name: 'Planted' })),
    await send({ method: 'POST', path: `/api/v1/organizations/${acme.ids['organization']}/api-keys` }, JSON.stringify({ name: 'Planted', scopes: ['project:read'], project_id: other.ids['project'] })),
    await send({ method: 'POST', path: `/api/v1/organizations/${acme.ids['organization']}/api-keys` }, JSON.stringify({ name: 'Planted', scopes: ['member:manage'] })),
    await send({ method: 'POST', path: '/api/v1/auth/login' }, JSON.stringify({ email: acme.owner.email, password, organization_id: other.ids['organization'] })),
  ];
  const changed = changedTables(before, await fingerprint(world.studio)).filter((table) => !/audit_logs|user_sessions/.test(table));
  expect.soft(changed).toEqual([]);
  const refused = answers.filter(({ status }) => status >= 400 && status < 500).length;
  figure(context, { requirements: ['A14'], what: 'Ids of another organization in fields that doors do take', reached: `${refused} refused of ${answers.length}, ${changed.length} tables changed`, bound: 'all refused, 0 changed', pass: refused === answers.length && changed.length === 0 });
});
