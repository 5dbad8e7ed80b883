import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startStudio, type RunningStudio } from '../support/studio';
import { password, signUp, Visitor } from '../support/visitor';
import { shownPages, type World } from './pages';
import { manyAttempts } from './person';
import { makeWorld } from './world';

const Description = z.object({ servers: z.array(z.object({ url: z.string() })).optional(), paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

interface Operation {
  method: string;
  path: string;
}

/** What a guest may ask for: the way in, and what a letter's token opens. */
const open = /^\/api\/v1\/(auth\/(register|verify-email|resend-verification|login|forgot-password|reset-password)|invitations\/lookup|signing-keys)$/;
/** What everybody signed in may do to themselves, or what a viewer may: not tried with a viewer's session. */
const harmlessForViewers = /\/(auth|users)\/|\/leave$|^\/api\/v1\/organizations$|\/invitations\/(accept|lookup)$/;

describe('every door, tried from outside', () => {
  let studio: RunningStudio;
  let world: World;
  let owner: Visitor;
  let viewer: Visitor;
  let operations: Operation[];
  let organization: string;

  beforeAll(async () => {
    studio = await startStudio({ env: manyAttempts });
    ({ world, owner, viewer } = await makeWorld(studio));
    const { paths } = Description.parse((await owner.ask('GET', '/api/openapi.json')).json);
    operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .map((method) => ({ method: method.toUpperCase(), path: path.startsWith('/api/') ? path : `/api/v1${path}` })),
    );
    const page = z.object({ data: z.array(z.object({ id: z.string(), slug: z.string() })) });
    organization = (await owner.get(page, '/api/v1/organizations')).data.find(({ slug }) => slug === world.slug)?.id ?? '';
  });

  afterAll(async () => {
    await studio.stop();
  });

  function addressOf({ path }: Operation): string {
    const filled = path
      .replace('{organization}', organization)
      .replace('{project}', world.readyProject)
      .replaceAll(/\{\w+\}/g, 'key_00000000000000000000000000');
    return `${filled}${path.endsWith('/projects') ? `?organization_id=${organization}` : ''}`;
  }

  async function attempt(visitor: Visitor, operation: Operation): Promise<string> {
    const body = operation.method === 'GET' || operation.method === 'DELETE' ? {} : { body: { organization_id: organization, name: 'Not mine' } };
    const { status } = await visitor.ask(operation.method, addressOf(operation), body);
    return `${operation.method} ${operation.path} ${status}`;
  }

  it('describes them all', () => {
    expect(operations.length).toBeGreaterThan(40);
  });

  it('a guest is asked to sign in, but for the ways in', async () => {
    const guest = new Visitor(studio.url);
    const closed = operations.filter(({ path }) => !open.test(path));
    const wrong: string[] = [];
    for (const operation of closed) {
      const outcome = await attempt(guest, operation);
      if (!outcome.endsWith(' 401')) wrong.push(outcome);
    }
    console.info(`guests at ${closed.length} doors: ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
  });

  it('somebody of another organization finds nothing there', async () => {
    const stranger = await signUp(studio, 'Mallory');
    const tenants = operations.filter(({ path }) => /\{(organization|project)\}/.test(path));
    const wrong: string[] = [];
    for (const operation of tenants) {
      const outcome = await attempt(stranger, operation);
      // A body that does not fit may be refused before anybody looks whose it is; nothing is told by that.
      if (!/ (404|422|400)$/.test(outcome)) wrong.push(outcome);
    }
    console.info(`strangers at ${tenants.length} doors: ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
  });

  it('a viewer changes nothing', async () => {
    const changing = operations.filter(({ method, path }) => method !== 'GET' && !harmlessForViewers.test(path));
    const wrong: string[] = [];
    for (const operation of changing) {
      const outcome = await attempt(viewer, operation);
      if (!/ (403|404|409|410|422|400)$/.test(outcome)) wrong.push(outcome);
    }
    console.info(`a viewer at ${changing.length} changing doors: ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
  });

  it('no answer may be kept by a shared cache', async () => {
    const wrong: string[] = [];
    for (const operation of operations.filter(({ method }) => method === 'GET')) {
      const { headers } = await owner.ask('GET', addressOf(operation));
      const control = headers.get('cache-control') ?? '';
      if (!/^private, no-(store|cache)$/.test(control)) wrong.push(`${operation.path}: ${control}`);
    }
    expect(wrong).toEqual([]);
  });

  it('no page is shown to a guest, nor another organization’s to a stranger', async () => {
    const stranger = await signUp(studio, 'Trudy');
    const guest = new Visitor(studio.url);
    const closed = shownPages.filter(({ as }) => as !== 'guest');
    for (const { path } of closed) {
      const address = path(world);
      const asGuest = await guest.ask('GET', address);
      expect(asGuest.status, address).toBe(307);
      expect(asGuest.headers.get('location'), address).toMatch(/\/sign-in/);
      if (!address.startsWith(`/${world.slug}`)) continue;
      const asStranger = await stranger.ask('GET', address);
      expect(asStranger.status, address).toBe(404);
      expect(asStranger.text).not.toContain('unbroken');
    }
  });

  it('every page has the headers that keep other sites out', async () => {
    for (const { path } of shownPages) {
      const { headers } = await owner.ask('GET', path(world));
      expect(headers.get('content-security-policy')).toMatch(/script-src [^;]*'nonce-[^']+'/);
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toMatch(/no-referrer|same-origin/);
      expect(headers.get('cache-control') ?? '').toMatch(/private|no-store/);
    }
  });

  it('a sign-in answers with a cookie that scripts and other sites do not get', async () => {
    const device = new Visitor(studio.url);
    device.email = owner.email;
    const answer = await device.ask('POST', '/api/v1/auth/login', { body: { email: owner.email, password } });
    const cookies = answer.headers.getSetCookie();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/; HttpOnly/);
    expect(cookies[0]).toMatch(/; SameSite=Lax/);
    expect(cookies[0]).toMatch(/; Path=\//);
    expect(cookies[0]).not.toMatch(/Domain=/);
    expect(cookies[0]?.split(';')[0]?.split('=')[1]?.length).toBeGreaterThanOrEqual(22);
  });
});
