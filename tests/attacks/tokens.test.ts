import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import { hashToken } from '@/lib/kernel/ids';
import { figure } from '../support/figure';
import { forgedKeys, truncations } from './forged-keys';
import { forgedTokens, honestToken, type Honest } from './forged-tokens';
import type { Front } from './front';
import { addressOf, closedRoutes, nameOf, routes, type Route } from './routes';
import { sampleText } from './samples';
import { attackWorld, type AttackWorld } from './world';

let world: AttackWorld;
let front: Front;
let honest: Honest;

beforeAll(async () => {
  world = await attackWorld();
  front = world.front();
  const { vault, baseUrl } = world.studio.ports;
  const [kid] = vault.keyIds;
  const { owner, viewer } = world.people;
  const [own, ended, other] = [await world.session(owner), await world.session(owner), await world.session(viewer)];
  await world.studio.raw('update user_sessions set revoked_at = now() where public_id = $1', [ended.publicId]);
  honest = {
    kid, key: vault.derive('access-token', kid), otherKey: vault.derive('csrf', kid), issuer: baseUrl,
    user: owner.publicId, session: own.publicId, endedSession: ended.publicId, otherUser: viewer.publicId, otherSession: other.publicId,
  };
});
afterAll(async () => {
  await front.close();
  await world.close();
});

/** Asks a route as a program would, with a body that it takes. */
function knock(route: Route, bearer: string, ids = world.acme.ids) {
  const body = sampleText(route.door, ids);
  const query = route.path.endsWith('/projects') || route.path.endsWith('/events') ? `?organization_id=${ids['organization']}` : '';
  return front.ask(route.method, addressOf(route, ids) + query, { headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }, body });
}

/** Tries every credential at every route; answers where one was taken for anybody. */
async function acceptedAt(targets: readonly Route[], credentials: ReadonlyMap<string, string>): Promise<{ cells: number; accepted: string[] }> {
  const accepted: string[] = [];
  for (const route of targets) {
    const answers = await Promise.all([...credentials].map(async ([name, bearer]) => ({ name, status: (await knock(route, bearer)).status })));
    for (const { name, status } of answers) if (status !== 401) accepted.push(`${name} at ${nameOf(route)}: ${status}`);
  }
  return { cells: targets.length * credentials.size, accepted };
}

function report(context: Pick<TestContext, 'task'>, requirements: string[], what: string, { cells, accepted }: { cells: number; accepted: string[] }): void {
  expect.soft(accepted.slice(0, 20)).toEqual([]);
  figure(context, { requirements, what, reached: `${accepted.length} accepted of ${cells}`, bound: '0 accepted', pass: accepted.length === 0 && cells > 0 });
}

describe('A6: access tokens', () => {
  test('the test can see: an honest token is taken at every closed route', async (context) => {
    const made: Record<string, string> = {};
    const refused: string[] = [];
    // Somebody apart, for some of these doors end every session of whoever asks.
    const person = await world.studio.person();
    for (const route of closedRoutes) {
      const session = await world.session(person);
      // Ids that nobody has: nothing else is changed or ended by looking.
      const { status } = await knock(route, honestToken({ ...honest, user: person.publicId, session: session.publicId }), made);
      if (status === 401) refused.push(nameOf(route));
    }
    figure(context, { requirements: ['A6'], what: 'Control: an honest token at every closed route', reached: `${closedRoutes.length - refused.length} of ${closedRoutes.length} let in`, bound: 'all', pass: refused.length === 0 });
  });

  test('forged ones are refused at every route', { timeout: 240_000 }, async (context) => {
    const forged = await forgedTokens(honest);
    expect(forged.size).toBeGreaterThanOrEqual(12);
    const tried = await acceptedAt(routes, forged);
    report(context, ['A6'], `${forged.size} forged access tokens at ${routes.length} routes`, tried);
    // What they were forged from stands to the end: none was refused only because its session had gone.
    expect((await front.ask('GET', '/api/v1/auth/session', { headers: { authorization: `Bearer ${honestToken(honest)}` } })).status).toBe(200);
  });
});

describe('A15: API keys', () => {
  test('forged, cut, revoked and expired ones are refused at every route', { timeout: 240_000 }, async (context) => {
    const { studio, acme } = world;
    const [revoked, expired] = await Promise.all(['Revoked', 'Expired'].map((name) => createApiKey(acme.owner.ctx, acme.ids['organization'] ?? '', { name, scopes: apiKeyScopes })));
    const dead = new Map([['revoked', revoked?.secret ?? ''], ['expired', expired?.secret ?? '']]);
    const session = closedRoutes.filter(({ path }) => path === '/api/v1/auth/session');
    expect((await acceptedAt(session, dead)).accepted).toHaveLength(2);
    await studio.raw(`update api_keys set revoked_at = now() where public_id = $1`, [revoked?.id]);
    await studio.raw(`update api_keys set expires_at = now() - interval '1 second' where public_id = $1`, [expired?.id]);
    // A remembered key is still known for seconds as whose it was, and opens nothing: the revocation suite watches that.
    for (const key of dead.values()) await studio.cache.clear([`studio:key:${hashToken(key).toString('hex')}`]);
    const keys = new Map([...forgedKeys(acme.apiKey), ...dead]);
    report(context, ['A15'], `${keys.size} dead or forged API keys at ${routes.length} routes`, await acceptedAt(routes, keys));
    const cut = new Map(truncations(acme.apiKey).map((key) => [`${key.length} characters`, key]));
    report(context, ['A15'], `An API key cut to each of its ${cut.size} lengths`, await acceptedAt(closedRoutes.slice(0, 4), cut));
  });

  test('a key of another organization or project finds nothing', { timeout: 120_000 }, async (context) => {
    const { acme, other, otherProjectKey } = world;
    const inside = closedRoutes.filter(({ path }) => /\{(organization|project)\}/.test(path) || /\/(projects|events)$/.test(path));
    const ofProject = inside.filter(({ path }) => path.includes('{project}'));
    const told: string[] = [];
    for (const [targets, key] of [[inside, other.apiKey], [ofProject, otherProjectKey]] as const) {
      for (const route of targets) {
        const { status, text } = await knock(route, key);
        if (status < 400 || [acme.ids['organization'], acme.ids['project']].some((id) => id !== undefined && text.replace(/"instance":"[^"]*"/, '').includes(id))) told.push(`${nameOf(route)}: ${status} ${text.slice(0, 200)}`);
      }
    }
    const ownDoor = await front.ask('GET', `/api/v1/organizations/${other.ids['organization']}`, { headers: { authorization: `Bearer ${other.apiKey}` } });
    expect(ownDoor.status).toBe(200);
    report(context, ['A15'], 'A key of another organization, and one of another project, at every route of an organization', { cells: inside.length + ofProject.length, accepted: told });
  });
});
