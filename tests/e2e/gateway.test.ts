import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askRaw } from '../gateway/support';
import { startStudio, type RunningStudio } from '../support/studio';

let studio: RunningStudio;
let apart: RunningStudio;

beforeAll(async () => {
  [studio, apart] = await Promise.all([startStudio({ workers: 0 }), startStudio({ workers: 0, env: { GATEWAY_URL: 'http://appwrite.localhost' } })]);
});

afterAll(async () => {
  await studio.stop();
  await apart.stop();
});

describe('the server', () => {
  it('answers /v1 by the gateway, without the headers of its own pages', async () => {
    const { status, headers, text } = await ask(studio.url, '/v1/users', { headers: { 'x-appwrite-project': 'f'.repeat(32), authorization: 'Bearer x' } });
    expect(status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ code: 404, type: 'project_not_found' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'content-type': 'application/json; charset=utf-8' });
    for (const name of ['content-security-policy', 'x-frame-options', 'cross-origin-resource-policy']) expect(headers).not.toHaveProperty(name);
  });

  it('refuses an address that is not plain instead of making it plain', async () => {
    const { status, text } = await ask(studio.url, '/v1/../api/v1/organizations', { headers: { 'x-appwrite-project': 'p' } });
    expect([status, JSON.parse(text).type]).toEqual([400, 'general_argument_invalid']);
    for (const path of ['/%2e/v1/users', '//v1/users', '/api/../v1/users']) expect((await ask(studio.url, path)).headers['content-type'], path).not.toContain('json; charset=utf-8');
  });

  it('hears upgrades at the gateway, also after a page was made, and ends all others', async () => {
    expect((await ask(studio.url, '/sign-in')).status).toBe(200);
    const upgrade = (path: string) => askRaw(studio.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
    expect(await upgrade('/v1/realtime?project=console')).toMatch(/^HTTP\/1\.1 403 .*general_access_forbidden/s);
    expect(await upgrade('/sign-in')).toBe('');
  });

  it('splits by host where the gateway has one of its own', async () => {
    const at = (host: string, path: string) => ask(apart.url, path, { headers: { host, 'x-appwrite-project': 'f'.repeat(32) } });
    for (const path of ['/', '/sign-in', '/ready', '/api/openapi.json', '/_next/static/x']) expect(JSON.parse((await at('appwrite.localhost', path)).text), path).toMatchObject({ code: 404, type: 'general_route_not_found' });
    expect(JSON.parse((await at('appwrite.localhost', '/v1/users')).text)).toMatchObject({ type: 'project_not_found' });
    const own = new URL(apart.url).host;
    expect(JSON.parse((await at(own, '/v1/users')).text)).toMatchObject({ type: 'general_route_not_found' });
    expect((await at(own, '/sign-in')).status).toBe(200);
  });
});
