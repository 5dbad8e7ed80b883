import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRailway } from '@/lib/adapters/railway/graphql/railway';
import { systemClock } from '@/lib/kernel/clock';
import { listen } from '@/tests/support/listen';
import { anyFreePort } from '../../../scripts/lib/ports.mjs';
import { configured } from '../../../scripts/lib/programs.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const TOKEN = 'local-railway-token-for-tests';
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'local-cloud-'));
});
afterEach(async () => {
  if (child?.exitCode === null && child.kill()) await once(child, 'exit');
  await rm(folder, { recursive: true, force: true });
});

/** The process of the stand-ins, with no other one than Railway's. @returns its lines until it is ready or has ended */
async function startLocalCloud(variables: Record<string, string>): Promise<string[]> {
  const started = spawn(process.execPath, ['--import', 'tsx', 'local-cloud.ts'], {
    cwd: root,
    env: {
      PATH: configured('PATH') ?? '', NODE_ENV: 'test', STUDIO_MODE: 'local', STUDIO_DATA_DIR: folder, STUDIO_URL: 'http://localhost:3000', DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      STUDIO_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`, ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  const lines: string[] = [];
  const read = (stream: typeof started.stdout): Promise<void> => new Promise((resolve) => {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"msg":"ready"')) resolve();
    }).once('close', resolve);
  });
  const ended = read(started.stderr);
  await read(started.stdout);
  if (started.exitCode !== null) await ended;
  return lines;
}

const ask = (port: number, token: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/graphql/v2`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ query: '{ me { name } }' }) });

describe('the process of the stand-ins', () => {
  it('runs the example on its Appwrite, from a data folder that is closed to other users', async () => {
    // It only asks whether its tables are there.
    const asked: string[] = [];
    const appwrite = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(409, { 'content-type': 'application/json' }).end('{"message":"there already","code":409,"type":"conflict"}');
    });
    const appwriteUrl = await listen(appwrite);
    try {
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      const port = await anyFreePort();
      await startLocalCloud({ LOCAL_RAILWAY_PORT: String(port), LOCAL_RAILWAY_TOKEN: TOKEN, APPWRITE_PLATFORM_ENDPOINT: `${appwriteUrl}/v1` });
      const railway = createRailway({ endpoint: `http://127.0.0.1:${port}/graphql/v2`, token: TOKEN, clock: systemClock });
      const [workspace] = (await railway.whoAmI()).workspaces;
      const { id: projectId, environments: [environment] } = await railway.createProject({ workspaceId: workspace?.id ?? '', name: 'notes', environmentName: 'production' });
      const environmentId = environment?.id ?? '';
      const { id: serviceId } = await railway.createService({ projectId, environmentId, name: 'web' });
      const at = { projectId, environmentId, serviceId };
      await railway.setVariables(at, { APPWRITE_ENDPOINT: `${appwriteUrl}/v1`, APPWRITE_PROJECT_ID: 'notes', APPWRITE_API_KEY: 'key' }, { replace: true });
      await railway.configureService(at, { buildCommand: null, startCommand: null, rootDirectory: null, healthcheckPath: '/health', healthcheckTimeoutSeconds: 20 });
      await railway.connectSource(serviceId, { kind: 'repository', repository: 'studio/example-notes', branch: 'main' });
      const domain = await railway.ensureDomain(at);
      const deployment = await railway.deploy(at, { commit: null });
      await expect.poll(async () => (await railway.getDeployment(deployment)).status, { timeout: 30_000 }).toBe('SUCCESS');
      expect(await (await fetch(`http://${domain}/health`)).text()).toBe('ok');
      expect(asked.length).toBeGreaterThan(0);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    } finally {
      appwrite.close();
      appwrite.closeAllConnections();
    }
  });

  it('starts this one with the token it is given', async () => {
    const port = await anyFreePort();
    const lines = await startLocalCloud({ LOCAL_RAILWAY_PORT: String(port), LOCAL_RAILWAY_TOKEN: TOKEN });
    expect(lines.join('\n')).toContain(`"railway":"http://127.0.0.1:${port}"`);
    expect(lines.join('\n')).not.toContain(TOKEN);
    expect(await (await ask(port, TOKEN)).json()).toEqual({ data: { me: { name: 'Local account 1' } } });
    expect(await (await ask(port, 'another-token-of-enough-length')).json()).toMatchObject({ errors: [{ message: 'Not Authorized' }] });
    expect((await fetch(`http://127.0.0.1:${port}/_faults`)).status).toBe(404);
  });

  it('opens the door for faults when it is told to', async () => {
    const port = await anyFreePort();
    await startLocalCloud({ LOCAL_RAILWAY_PORT: String(port), LOCAL_RAILWAY_TOKEN: TOKEN, LOCAL_RAILWAY_FAULTS: 'true' });
    expect((await fetch(`http://127.0.0.1:${port}/_faults`)).status).toBe(200);
  });

  it('does not start without a token or with one that is easy to guess', async () => {
    const port = await anyFreePort();
    await startLocalCloud({ LOCAL_RAILWAY_PORT: String(port) });
    await expect(ask(port, '')).rejects.toThrow('fetch failed');
    if (child?.exitCode === null && child.kill()) await once(child, 'exit');
    const lines = await startLocalCloud({ LOCAL_RAILWAY_PORT: String(port), LOCAL_RAILWAY_TOKEN: 'short' });
    expect(lines.join('\n')).toContain('LOCAL_RAILWAY_TOKEN: must be at least 20 visible characters');
  });
});
