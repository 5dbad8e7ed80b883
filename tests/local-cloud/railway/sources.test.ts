import { createServer } from 'node:http';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGitServer } from './git-server';
import { app, Cloud, openFolder, Service } from './support';

const isRoot = process.getuid?.() === 0;
let cloud: Cloud;

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.start();
});
afterAll(() => cloud.remove());

const metaOf = (id: string): Promise<unknown> => cloud.ask(z.object({ meta: z.unknown() }), 'query($id: String!) { deployment(id: $id) { meta } }', { id }).then(({ meta }) => meta);

describe('sources', () => {
  it('are cloned from a Git server on this machine, by branch and by commit', async () => {
    const git = await startGitServer(cloud.folder);
    try {
      const older = await git.commit(app("'older'"));
      const newer = await git.commit(app("'newer'"));
      const service = await Service.create(cloud, git.url, {}, 'main');
      const latest = await service.deploy();
      if (!isRoot) {
        expect(await service.settle(latest)).toBe('FAILED');
        return;
      }
      expect(await service.settle(latest), await service.messages('build', latest)).toBe('SUCCESS');
      expect(await service.text()).toBe('newer');
      expect(await metaOf(latest)).toMatchObject({ commitHash: newer, branch: 'main' });
      const exact = await service.deploy(older);
      expect(await service.settle(exact), await service.messages('build', exact)).toBe('SUCCESS');
      expect(await service.text()).toBe('older');
      expect(await metaOf(exact)).toMatchObject({ commitHash: older });

      const elsewhere = await Service.create(cloud, git.url, {}, 'no-such-branch');
      const missing = await elsewhere.deploy();
      expect(await elsewhere.settle(missing)).toBe('FAILED');
      expect(await elsewhere.messages('build', missing)).toContain('The source cannot be cloned.');
    } finally {
      git.close();
    }
  });

  it('get the packages that they name', async () => {
    await cloud.push('packages', {
      ...app('greet()', "import greet from 'greeter';"),
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'node app.mjs' }, dependencies: { greeter: 'file:./greeter' } }),
      'greeter/package.json': JSON.stringify({ name: 'greeter', version: '1.0.0', type: 'module', main: 'index.js' }),
      'greeter/index.js': "export default () => 'greetings';",
    });
    const service = await Service.create(cloud, 'packages');
    const id = await service.deploy();
    expect(await service.settle(id), await service.messages('build', id)).toBe('SUCCESS');
    expect(await service.messages('build', id)).toContain('$ npm install --omit=dev');
    expect(await service.text()).toBe('greetings');
  });

  it('with a password in their URL are refused, and the password is told to nobody', async () => {
    const service = await Service.create(cloud, 'http://me:hunter2@127.0.0.1:9/app.git');
    const id = await service.deploy();
    expect(await service.settle(id)).toBe('FAILED');
    expect(await service.messages('build', id)).not.toContain('hunter2');
    expect(cloud.lines.join('\n')).not.toContain('hunter2');
  });

  it('hold the bundled example, which starts without a network', async () => {
    // It only asks whether its tables are there.
    const appwrite = createServer((_, response) => response.writeHead(409, { 'content-type': 'application/json' }).end('{"message":"there already","code":409,"type":"conflict"}'));
    const port = await new Promise<number>((resolve) => {
      appwrite.listen(0, '127.0.0.1', () => {
        const address = appwrite.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const example = new Cloud(await openFolder());
    await example.start({ reachable: [`http://127.0.0.1:${port}/v1`] });
    try {
      const service = await Service.create(example, 'studio/example-notes', { healthcheckPath: '/health' });
      await service.setVariables({ APPWRITE_ENDPOINT: `http://127.0.0.1:${port}/v1`, APPWRITE_PROJECT_ID: 'notes', APPWRITE_API_KEY: 'key' });
      const id = await service.deploy();
      expect(await service.settle(id), await service.messages('deployment', id)).toBe('SUCCESS');
      expect(await service.messages('build', id)).toContain('The packages were copied');
      expect(await service.text('/health')).toBe('ok');
    } finally {
      await example.remove();
      appwrite.close();
    }
  });
});
