import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLimits } from '@/lib/adapters/limits/limits';
import { readEnv } from '@/lib/env';
import { gatewayEndpoint } from '@/lib/gateway/endpoint';
import type { TestProjects } from '../projects/support';
import { ask, askRaw, moveInstance, startGateway, startUpstream, studioWithProject, type RunningGateway, type Upstream } from './support';

let studio: TestProjects;
let project: string;
let upstream: Upstream;
let running: RunningGateway;

beforeAll(async () => {
  ({ studio, project } = await studioWithProject());
  upstream = await startUpstream((request, response) => {
    request.resume();
    request.once('end', () => {
      response.setHeader('set-cookie', [
        `a_session_${project}=own; Path=/; Domain=.appwrite.internal; HttpOnly`, `a_session_${project}_legacy=own; domain=x`,
        'a_session_console=root', 'a_session_console_legacy=root', 'a_session_other=1', 'studio_session=forged', '__Host-studio_session=forged',
      ]);
      const { searchParams: wanted } = new URL(request.url ?? '', 'http://x');
      response.writeHead(Number(wanted.get('status') ?? 200), {
        'content-type': wanted.get('as') ?? 'application/json', 'x-fallback-cookies': JSON.stringify({ a_session_console: 'root', [`a_session_${project}`]: 'own' }),
        'clear-site-data': '"*"', 'service-worker-allowed': '/', 'content-disposition': 'inline; filename="a.html"', location: `${upstream.url}/account`,
      });
      response.end('{}');
    });
  });
  await moveInstance(studio, upstream.url);
  running = await startGateway(studio);
});

beforeEach(() => upstream.heads.splice(0));

afterAll(async () => {
  await running.close();
  await upstream.close();
  await studio.close();
});

const json = (body: object | string) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });
const part = (head: string) => `--b1\r\ncontent-disposition: form-data; ${head}\r\n\r\nconsole\r\n--b1--\r\n`;
const form = (body: string, contentType = 'multipart/form-data; boundary=b1') => ({ method: 'POST', headers: { 'content-type': contentType }, body });

describe('what is refused never reaches Appwrite', () => {
  it.each([
    ['no project', '/v1/account', {}, 403, 'project_id_missing'],
    ['an empty project', '/v1/account?project=', { 'x-appwrite-project': '' }, 403, 'project_id_missing'],
    ['the console by header', '/v1/account', { 'x-appwrite-project': 'console' }, 403, 'general_access_forbidden'],
    ['the console by query', '/v1/account?project=console', {}, 403, 'general_access_forbidden'],
    ['the console written otherwise', '/v1/account?project=%63onsole', {}, 403, 'general_access_forbidden'],
    ['the console over a project', '/v1/account?project=console', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['two projects', `/v1/account?project=$P&project=console`, {}, 400, 'general_argument_invalid'],
    ['a project as PHP alone reads it', '/v1/account?project=$P&+project=console', {}, 400, 'general_argument_invalid'],
    ['a project in a list', '/v1/account?project=$P&project[]=console', {}, 400, 'general_argument_invalid'],
    ['a project before a NUL', '/v1/account?project=$P&project%00x=console', {}, 400, 'general_argument_invalid'],
    ['admin mode by header', '/v1/users', { 'x-appwrite-project': '$P', 'x-appwrite-mode': 'admin' }, 403, 'general_access_forbidden'],
    ['admin mode by query', '/v1/users?project=$P&mode=admin', {}, 403, 'general_access_forbidden'],
    ['admin mode behind another', '/v1/users?project=$P&mode=default&mode=admin', {}, 403, 'general_access_forbidden'],
    ['projects', '/v1/projects', { 'x-appwrite-project': '$P' }, 403, 'general_access_forbidden'],
    ['keys of a project', '/v1/projects/$P/keys', { 'x-appwrite-project': '$P' }, 403, 'general_access_forbidden'],
    ['projects, encoded', '/v1/%70rojects/$P', { 'x-appwrite-project': '$P' }, 403, 'general_access_forbidden'],
    ['projects in capitals', '/v1/Projects', { 'x-appwrite-project': '$P' }, 403, 'general_access_forbidden'],
    ['the console\'s routes', '/v1/console/variables', { 'x-appwrite-project': '$P' }, 403, 'general_access_forbidden'],
    ['the organization\'s routes', '/v1/organization/projects', { 'x-appwrite-project': '$P' }, 403, 'general_access_forbidden'],
    ['a key of an account', '/v1/users', { 'x-appwrite-project': '$P', 'x-appwrite-key': 'account_1' }, 403, 'general_access_forbidden'],
    ['a key of an organization', '/v1/users', { 'x-appwrite-project': '$P', 'x-appwrite-key': 'organization_1' }, 403, 'general_access_forbidden'],
    ['dot segments', '/v1/users/../projects', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['encoded dot segments', '/v1/%2e%2E/projects', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['twice encoded dots', '/v1/%252e%252e/projects', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['an encoded slash', '/v1/users%2fx', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['an encoded back slash', '/v1/users%5Cx', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['a NUL', '/v1/users%00', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['an empty segment', '/v1//projects', { 'x-appwrite-project': '$P' }, 400, 'general_argument_invalid'],
    ['an unknown project', `/v1/users?project=${'0'.repeat(32)}`, {}, 404, 'project_not_found'],
  ])('%s', async (_, path, headers, status, type) => {
    const own = (text: string) => text.replaceAll('$P', project);
    const heard = await ask(running.url, own(path), { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, own(value)])) });
    expect(heard.status).toBe(status);
    expect(JSON.parse(heard.text)).toEqual({ code: status, type, message: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(upstream.heads).toEqual([]);
  });

  it('more headers than a server takes', async () => {
    const heard = await askRaw(running.url, `GET /v1/users HTTP/1.1\r\nHost: x\r\nX-Appwrite-Project: ${project}\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(heard).toMatch(/^HTTP\/1\.1 431 /);
    expect(upstream.heads).toEqual([]);
  });

  it.each([
    ['JSON', json({ email: 'a@b.c', project: 'console' })],
    ['JSON, escaped', json('{"email":"a","\\u0070roject":"console"}')],
    ['JSON that ends late', json(`{"a":{"b":[{"c":"}"}]},"mode":"admin"}`)],
    ['a form', form('email=a&project=console', 'application/x-www-form-urlencoded')],
    ['a form, encoded', form('email=a&%70roject=console', 'application/x-www-form-urlencoded')],
    ['a part', form(part('name="project"'))],
    ['a part without quotes', form(part('name=mode'))],
    ['a part with an escape', form(part('name="pro\\ject"'))],
    ['a part whose head does not end', form(part('name="project"').replaceAll('\r\n', '\n'))],
  ])('a body that chooses the project: %s', async (_, said) => {
    const heard = await ask(running.url, `/v1/account/sessions/email?project=${project}`, said);
    expect(heard.status).toBe(403);
    expect(JSON.parse(heard.text).message).toContain('must not name a project');
  });

  it('a body that is larger than the operator allows, told or not', async () => {
    const small = await startGateway(studio, { GATEWAY_BODY_LIMIT_MB: '1' });
    const body = Buffer.alloc(1024 * 1024 + 1);
    const headers = { 'x-appwrite-project': project, 'content-type': 'application/octet-stream' };
    expect((await ask(small.url, '/v1/x', { method: 'POST', headers, body })).status).toBe(413);
    expect(upstream.heads).toEqual([]);
    expect((await ask(small.url, '/v1/x', { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' }, body })).status).toBe(413);
    expect((await ask(small.url, '/v1/x', { method: 'POST', headers, body: body.subarray(1) })).status).toBe(200);
    await small.close();
  });
});

describe('what passes', () => {
  it.each([
    ['fields of that name further in', json({ data: { project: 'console', mode: 'admin' }, list: [{ project: 1 }], name: 'project' })],
    ['files of that name', form(part('name="file"; filename="project"'))],
    ['names that only begin so', form(part('name="projectId"'))],
  ])('%s', async (_, said) => {
    expect((await ask(running.url, `/v1/x?project=${project}&mode=default`, said)).status).toBe(200);
    expect(upstream.heads).toHaveLength(1);
  });

  it('without Studio\'s session, tokens, and addresses that the client made up', async () => {
    await ask(running.url, '/v1/x?queries[]=a', {
      headers: {
        'x-appwrite-project': project, 'x-appwrite-key': 'standard_1', 'x-appwrite-session': 's', authorization: 'Bearer studio-token', 'x-appwrite-user': 'root', 'x-appwrite-mode': 'default',
        cookie: `studio_session=secret; __Host-studio_session=secret; studio_registration=r; a_session_console=root; a_session_other=1; a_session_${project}=own`,
        'x-fallback-cookies': JSON.stringify({ a_session_console: 'root', [`a_session_${project}`]: 'own' }),
        'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/x', forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9',
        connection: 'x-only-here', 'x-only-here': '1', te: 'trailers', 'proxy-authorization': 'Basic x', 'content-type': 'text/plain',
      },
    });
    const { headers, url } = upstream.heads[0] ?? { headers: {}, url: '' };
    expect(url).toBe('/v1/x?queries[]=a');
    expect(headers).toEqual({
      host: new URL(upstream.url).host, connection: expect.any(String), 'content-type': 'text/plain', 'x-appwrite-project': project, 'x-appwrite-key': 'standard_1', 'x-appwrite-session': 's',
      cookie: `a_session_${project}=own`, 'x-fallback-cookies': JSON.stringify({ [`a_session_${project}`]: 'own' }),
      'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'studio.test', 'x-forwarded-proto': 'http',
    });
  });

  it('without the console\'s session where it is the only one', async () => {
    await ask(running.url, '/v1/x', { headers: { 'x-appwrite-project': project, cookie: 'a_session_console=root', 'x-fallback-cookies': JSON.stringify({ a_session_console: 'root' }) } });
    expect(upstream.heads).toHaveLength(1);
    for (const name of ['cookie', 'x-fallback-cookies']) expect(upstream.heads[0]?.headers).not.toHaveProperty(name);
  });

  it('with the client\'s address as far as trusted proxies tell it', async () => {
    const behind = await startGateway(studio, { TRUSTED_PROXY_HOPS: '1' });
    await ask(behind.url, '/v1/x', { headers: { 'x-appwrite-project': project, 'x-forwarded-for': '198.51.100.1, 203.0.113.9' } });
    expect(upstream.heads[0]?.headers['x-forwarded-for']).toBe('203.0.113.9');
    await behind.close();
  });

  it('back without cookies of others, domains, powers over the origin and the inner address', async () => {
    const { headers } = await ask(running.url, `/v1/x?project=${project}`);
    expect(headers['set-cookie']).toEqual([`a_session_${project}=own; Path=/; HttpOnly`, `a_session_${project}_legacy=own`]);
    expect(headers['x-fallback-cookies']).toBe(JSON.stringify({ [`a_session_${project}`]: 'own' }));
    expect(headers).not.toHaveProperty('clear-site-data');
    expect(headers).not.toHaveProperty('service-worker-allowed');
    expect(headers['location']).toBe('http://studio.test/v1/account');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it.each(['text/html', 'TEXT/HTML; charset=utf-8', 'image/svg+xml', 'application/xml', 'application/xhtml+xml', 'text/javascript', 'text/css', 'x/unknown', 'application/json, text/html', 'image/x+xml', 'audio/x+xml', 'message/rfc822', ''])('as a download of no origin: %s', async (type) => {
    const { headers } = await ask(running.url, `/v1/x?project=${project}&as=${encodeURIComponent(type)}`);
    expect(headers).toMatchObject({ 'content-disposition': 'attachment; filename="a.html"', 'content-security-policy': `sandbox; default-src 'none'`, 'x-content-type-options': 'nosniff' });
  });

  it.each(['image/png', 'application/pdf', 'text/plain; charset=utf-8', 'video/mp4'])('to be shown where it is: %s', async (type) => {
    const { headers } = await ask(running.url, `/v1/x?project=${project}&as=${encodeURIComponent(type)}`);
    expect(headers['content-disposition']).toBe('inline; filename="a.html"');
  });

  it('without new headers for an answer that the browser keeps', async () => {
    const { status, headers } = await ask(running.url, `/v1/x?project=${project}&as=text/html&status=304`);
    expect(status).toBe(304);
    for (const name of ['content-type', 'content-disposition', 'content-security-policy']) expect(headers).not.toHaveProperty(name);
  });
});

describe('the access log', () => {
  it('has one line for each request, with the path and no query, key or cookie', async () => {
    await ask(running.url, `/v1/storage/x?project=${project}&token=SECRET-1`, { headers: { 'x-appwrite-key': 'SECRET-2', cookie: `a_session_${project}=SECRET-3` } });
    const line = running.lines.filter((text) => text.includes('/v1/storage/x'));
    expect(line).toHaveLength(1);
    expect(JSON.parse(line[0] ?? '')).toMatchObject({ access: 'gateway', method: 'GET', path: '/v1/storage/x', project, status: 200 });
    expect(running.lines.join('')).not.toContain('SECRET');
  });
});

describe('limits', () => {
  it('count each project and address, and made-up projects for the address', async () => {
    const limits = createLimits(null, { RATE_LIMIT_PER_MINUTE: 5, ATTEMPT_LIMIT_FACTOR: 1 });
    const limited = await startGateway(studio, { TRUSTED_PROXY_HOPS: '1' }, {}, { limits });
    const times = async (count: number, name: (n: number) => string, ip: string) => {
      const answers = [];
      for (let n = 0; n < count; n += 1) answers.push(await ask(limited.url, '/v1/x', { headers: { 'x-appwrite-project': name(n), 'x-forwarded-for': ip } }));
      return answers;
    };
    const own = await times(6, () => project, '192.0.2.1');
    expect(own.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(JSON.parse(own[5]?.text ?? '')).toMatchObject({ code: 429, type: 'general_rate_limit_exceeded' });
    expect(Number(own[5]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await times(1, () => project, '192.0.2.2')).map(({ status }) => status)).toEqual([200]);
    const madeUp = await times(6, (n) => String(n).repeat(32), '192.0.2.3');
    expect(madeUp.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 429]);
    await limited.close();
  });
});

describe('a host of its own', () => {
  it('serves /v1 and nothing else, and Studio\'s host serves no /v1', async () => {
    const apart = await startGateway(studio, { GATEWAY_URL: 'https://appwrite.studio.test' });
    const at = (host: string, path: string) => ask(apart.url, path, { headers: { host, 'x-appwrite-project': project } });
    for (const host of ['appwrite.studio.test', 'APPWRITE.studio.test:443']) expect((await at(host, '/v1/x')).status).toBe(200);
    for (const path of ['/', '/api/v1/organizations', '/ready', '/sign-in', '/v10', '//v1/x']) {
      const heard = await at('appwrite.studio.test', path);
      expect(JSON.parse(heard.text), path).toMatchObject({ code: 404, type: 'general_route_not_found' });
    }
    for (const host of ['studio.test', '127.0.0.1', 'other.example']) {
      expect((await at(host, '/v1/x')).status).toBe(404);
      expect((await at(host, '/ready')).text).toBe('studio');
    }
    expect(upstream.heads).toHaveLength(2);
    expect(upstream.heads[0]?.headers).toMatchObject({ 'x-forwarded-host': 'appwrite.studio.test', 'x-forwarded-proto': 'https' });
    await apart.close();
  });

  it('is what other code tells apps, and Studio\'s own without one', () => {
    const base = { STUDIO_URL: 'https://studio.test', DATABASE_URL: 'postgres://x', STUDIO_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}` };
    expect(gatewayEndpoint(readEnv(base))).toBe('https://studio.test/v1');
    expect(gatewayEndpoint(readEnv({ ...base, GATEWAY_URL: 'https://appwrite.studio.test/' }))).toBe('https://appwrite.studio.test/v1');
    expect(() => readEnv({ ...base, GATEWAY_URL: 'https://appwrite.studio.test/v1' })).toThrow(/GATEWAY_URL: must be an address without a path/);
  });
});
