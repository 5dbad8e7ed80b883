import { once } from 'node:events';
import { request } from 'node:http';
import path from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, Cloud, openFolder, Service } from './support';

let cloud: Cloud;

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('hello', app("'hello'"));
  await cloud.start();
});
afterAll(() => cloud.remove());

describe('a deployment', () => {
  it('runs an app with exactly its variables and what Railway gives', async () => {
    await cloud.push('env', app('JSON.stringify(process.env)'));
    const service = await Service.create(cloud, 'env', { startCommand: 'exec node app.mjs' });
    await service.setVariables({ GREETING: 'good day', SECRET: 'a "quoted" $secret\nof two lines', GREETED: '${{GREETING}} and ${{RAILWAY_SERVICE_NAME}}' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    const env = z.record(z.string(), z.string()).parse(JSON.parse(await service.text()));
    // The shell adds these by itself.
    for (const name of ['PWD', 'OLDPWD', 'SHLVL', '_']) delete env[name];
    expect(env).toEqual({
      GREETING: 'good day', SECRET: 'a "quoted" $secret\nof two lines', GREETED: 'good day and web',
      PORT: expect.stringMatching(/^\d+$/), PATH: expect.stringContaining('/usr/bin'), HOME: expect.stringContaining(path.join(cloud.folder, 'data', 'apps')),
      RAILWAY_PROJECT_ID: service.projectId, RAILWAY_PROJECT_NAME: 'shop', RAILWAY_ENVIRONMENT_ID: service.environmentId, RAILWAY_ENVIRONMENT_NAME: 'production',
      RAILWAY_SERVICE_ID: service.serviceId, RAILWAY_SERVICE_NAME: 'web', RAILWAY_DEPLOYMENT_ID: id, LOCAL_RAILWAY_MARK: expect.stringMatching(/^[0-9a-f]{48}\.[0-9a-f.-]+$/), RAILWAY_REPLICA_ID: expect.stringMatching(/^[0-9a-f-]{36}$/), RAILWAY_PUBLIC_DOMAIN: service.url.slice('http://'.length),
    });
    expect(await service.deployment(id)).toMatchObject({ url: service.url.slice('http://'.length), canRollback: true, canRedeploy: true, deploymentStopped: false });
  });

  it('loses no request while the next one takes over', async () => {
    await cloud.push('slow', app("(await new Promise((done) => setTimeout(done, 150)), process.env.VERSION)"));
    const service = await Service.create(cloud, 'slow');
    await service.setVariables({ VERSION: 'one' });
    const first = await service.deploy();
    expect(await service.settle(first)).toBe('SUCCESS');

    let asking = true;
    const seen: string[] = [];
    const askers = Array.from({ length: 4 }, async () => {
      while (asking) {
        const response = await fetch(service.url).catch(() => undefined);
        seen.push(response?.status === 200 ? await response.text() : `failed: ${response?.status}`);
      }
    });
    await service.setVariables({ VERSION: 'two' });
    const second = await service.deploy();
    expect(await service.settle(second)).toBe('SUCCESS');
    await expect.poll(() => seen.slice(-8).every((text) => text === 'two'), { timeout: 5000 }).toBe(true);
    await service.act('Restart', second);
    await new Promise((done) => setTimeout(done, 1500));
    asking = false;
    await Promise.all(askers);
    expect(seen.filter((text) => text !== 'one' && text !== 'two')).toEqual([]);
    expect(seen).toContain('one');
    expect(seen.length).toBeGreaterThan(20);
    expect((await service.deployment(first)).status).toBe('REMOVED');
  });

  it('gets bodies as they come, whole, and upgraded connections', async () => {
    await cloud.push('echo', {
      'package.json': '{}',
      'app.mjs': `import { createServer } from 'node:http';
        const server = createServer((request, response) => {
          response.writeHead(201, { 'x-asked-for': request.headers['x-forwarded-for'], 'x-hidden': String(request.headers['x-secret-hop']) });
          request.pipe(response);
        });
        server.on('upgrade', (request, socket, head) => {
          socket.write('HTTP/1.1 101 Switching Protocols\\r\\nconnection: Upgrade\\r\\nupgrade: echo\\r\\n\\r\\n');
          socket.on('data', (bytes) => socket.end('echo of ' + bytes));
        });
        server.listen(Number(process.env.PORT));`,
    });
    const service = await Service.create(cloud, 'echo', { startCommand: 'exec node app.mjs' });
    expect(await service.settle(await service.deploy())).toBe('SUCCESS');
    const body = 'x'.repeat(5_000_000);
    const answer = await fetch(service.url, { method: 'POST', body, headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-asked-for')).toBe('127.0.0.1');
    expect(await answer.text()).toBe(body);

    // The first piece comes back while the second has not been sent.
    const asked = request(service.url, { method: 'PUT' });
    asked.write('first');
    const [response] = await once(asked, 'response');
    const [piece] = await once(response, 'data');
    expect(String(piece)).toBe('first');
    asked.end();

    const upgrade = request(service.url, { headers: { connection: 'Upgrade', upgrade: 'echo' } });
    upgrade.end();
    const [, socket] = await once(upgrade, 'upgrade');
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('echo of hello');
  });

  it('fails with its build and says why', async () => {
    const service = await Service.create(cloud, 'hello', { buildCommand: 'echo building; echo broken >&2; exit 3' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('FAILED');
    expect(await service.logs('build', id)).toEqual(expect.arrayContaining([
      expect.objectContaining({ severity: 'info', message: 'building' }), expect.objectContaining({ severity: 'error', message: 'broken' }),
      expect.objectContaining({ severity: 'error', message: 'The command ended with code 3.' }),
    ]));
    expect((await fetch(service.url)).status).toBe(502);
    expect((await service.deployment(id)).canRollback).toBe(false);
  });

  it('crashes after its restarts, and the one before goes on', async () => {
    const service = await Service.create(cloud, 'hello', { restartPolicyMaxRetries: 2 });
    expect(await service.settle(await service.deploy())).toBe('SUCCESS');
    await service.update({ startCommand: 'echo trying; exit 7' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('CRASHED');
    expect((await service.logs('deployment', id)).filter(({ message }) => message === 'trying')).toHaveLength(3);
    expect(await service.messages('deployment', id)).toContain('The app ended with code 7.');
    expect(await service.text()).toBe('hello');
  });

  it('fails when the app never listens, and when its health check never answers 200', async () => {
    const service = await Service.create(cloud, 'hello', { startCommand: 'sleep 60', healthcheckTimeout: 1 });
    const silent = await service.deploy();
    expect(await service.settle(silent)).toBe('FAILED');
    expect(await service.messages('build', silent)).toContain('did not serve within 1 seconds');

    await cloud.push('sick', app("request.headers.host === 'healthcheck.railway.app' ? (response.statusCode = request.url === '/ok' ? 200 : 500, 'asked') : 'served'"));
    const sick = await Service.create(cloud, 'sick', { healthcheckPath: '/health', healthcheckTimeout: 1 });
    expect(await sick.settle(await sick.deploy())).toBe('FAILED');
    await sick.update({ healthcheckPath: '/ok' });
    expect(await sick.settle(await sick.deploy())).toBe('SUCCESS');
    expect(await sick.text()).toBe('served');
  });

  it('is refused for images, for the internet and for a root directory outside of the source', async () => {
    const service = await Service.create(cloud, 'somebody/something');
    const foreign = await service.deploy();
    expect(await service.settle(foreign)).toBe('FAILED');
    expect(await service.messages('build', foreign)).toContain("no access to the internet's repositories");
    await service.update({ source: { image: 'nginx' } });
    const image = await service.deploy();
    expect(await service.settle(image)).toBe('FAILED');
    expect(await service.messages('build', image)).toContain('images are not run here');
    await service.update({ source: { repo: 'hello' }, rootDirectory: '../../..' });
    const outside = await service.deploy();
    expect(await service.settle(outside)).toBe('FAILED');
    expect(await service.messages('build', outside)).toContain('is not in the source');
  });

  it('is crashed when its app keeps ending later, and a restart revives it', async () => {
    await cloud.push('mortal', app("request.url === '/die' ? process.exit(1) : 'alive'"));
    const service = await Service.create(cloud, 'mortal', { restartPolicyType: 'NEVER' });
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('SUCCESS');
    await fetch(`${service.url}/die`);
    await expect.poll(async () => (await service.deployment(id)).status).toBe('CRASHED');
    expect((await fetch(service.url)).status).toBe(502);
    await service.act('Restart', id);
    await expect.poll(async () => (await service.deployment(id)).status, { timeout: 10_000 }).toBe('SUCCESS');
    expect(await service.text()).toBe('alive');
  });
});
