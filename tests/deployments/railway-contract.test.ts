import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRailways } from '@/lib/adapters/railway/graphql/railways';
import { railwayFailureOf, type Railway } from '@/lib/adapters/railway/port';
import { systemClock } from '@/lib/kernel/clock';
import { app, Cloud, openFolder, TOKEN } from '../local-cloud/railway/support';

/** The adapter against the stand-in: what one sends the other understands, and both mean the same by it. */
describe('one deployment, in the order that Studio makes it', () => {
  let cloud: Cloud;
  let railway: Railway;

  beforeAll(async () => {
    cloud = new Cloud(await openFolder());
    await cloud.push('acme/shop', app('process.env.GREETING'));
    await cloud.start();
    railway = createRailways({ endpoint: `${cloud.url}/graphql/v2`, clock: systemClock }).withToken(TOKEN);
  });
  afterAll(() => cloud.remove());

  const kindOf = (work: Promise<unknown>) => work.then(() => 'ok', (error: unknown) => railwayFailureOf(error)?.kind ?? String(error));

  async function settled(deploymentId: string): Promise<string> {
    await expect.poll(async () => (await railway.getDeployment(deploymentId)).status, { timeout: 20_000 }).toMatch(/SUCCESS|FAILED|CRASHED|REMOVED/);
    return (await railway.getDeployment(deploymentId)).status;
  }

  it('runs an app with the variables that were set, shows its logs, and goes back to an earlier one', async () => {
    const { workspaces } = await railway.whoAmI();
    const workspaceId = workspaces[0]?.id ?? '';
    const project = await railway.createProject({ workspaceId, name: 'studio-shop', environmentName: 'production' });
    expect(await railway.findProject({ workspaceId, name: 'studio-shop' })).toMatchObject({ id: project.id });
    const projectId = project.id;
    const environmentId = project.environments[0]?.id ?? '';
    const service = await railway.createService({ projectId, environmentId, name: 'web' });
    // An answer may be lost: the second try must not make a second service.
    expect(await kindOf(railway.createService({ projectId, environmentId, name: 'web' }))).toBe('refused');
    expect((await railway.getProject(projectId)).services).toEqual([{ id: service.id, name: 'web' }]);

    const at = { projectId, environmentId, serviceId: service.id };
    await railway.setVariables(at, { GREETING: 'hello', GONE: 'x' }, { replace: false });
    await railway.setVariables(at, { GREETING: 'hello' }, { replace: true });
    const own = Object.entries(await railway.getVariables(at)).filter(([name]) => !name.startsWith('RAILWAY_'));
    expect(own).toEqual([['GREETING', 'hello']]);
    await railway.configureService(at, { buildCommand: null, startCommand: null, rootDirectory: null, healthcheckPath: '/', healthcheckTimeoutSeconds: 20 });
    await railway.connectSource(service.id, { kind: 'repository', repository: 'acme/shop', branch: 'main' });
    const domain = await railway.ensureDomain(at);
    expect(await railway.ensureDomain(at)).toBe(domain);

    const first = await railway.deploy(at, { commit: null });
    expect(await settled(first)).toBe('SUCCESS');
    const { url } = await railway.getDeployment(first);
    const text = async () => (await fetch(url ?? '')).text();
    expect(await text()).toBe('hello');
    expect((await railway.buildLogs(first, { since: null, limit: 100 })).map(({ message }) => message)).toContain('The build is done.');

    await railway.setVariables(at, { GREETING: 'goodbye' }, { replace: true });
    const second = await railway.redeploy(first);
    expect(await settled(second.id)).toBe('SUCCESS');
    expect(await text()).toBe('goodbye');
    await railway.rollback(first);
    await expect.poll(text, { timeout: 20_000 }).toBe('hello');
    const [newest, ...older] = await railway.listDeployments({ ...at, limit: 10 });
    expect([newest?.status, older.map(({ status }) => status)]).toEqual(['SUCCESS', ['REMOVED', 'REMOVED']]);
    await railway.restart(newest?.id ?? '');
    await railway.stop(newest?.id ?? '');
    expect(await railway.getDeployment(newest?.id ?? '')).toMatchObject({ stopped: true });
    await railway.deleteProject(projectId);
    expect(await kindOf(railway.deleteProject(projectId))).toBe('ok');
    expect(await kindOf(railway.getProject(projectId))).toBe('not_found');
  });

  it('means the same by each failure', async () => {
    const wrong = createRailways({ endpoint: `${cloud.url}/graphql/v2`, clock: systemClock }).withToken('somebody-else');
    expect(await kindOf(wrong.whoAmI())).toBe('unauthorized');
    expect(await kindOf(railway.getDeployment('00000000-0000-4000-8000-000000000000'))).toBe('not_found');
  });

  it('keeps the stand-in alive when an app answers what no server should', async () => {
    const odd = "import { createServer } from 'node:net'; createServer((s) => s.once('data', (d) => s.end(String(d).includes('/healthy') ? 'HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n' : String(d).includes('/switch') ? 'HTTP/1.1 101 X\\r\\nconnection: upgrade\\r\\nupgrade: odd\\r\\n\\r\\n' : 'HTTP/1.1 099 X\\r\\n\\r\\n'))).listen(process.env.PORT);";
    await cloud.push('acme/odd', { 'package.json': '{ "type": "module", "scripts": { "start": "node server.js" } }', 'server.js': odd });
    const { workspaces } = await railway.whoAmI();
    const project = await railway.createProject({ workspaceId: workspaces[0]?.id ?? '', name: 'odd', environmentName: 'production' });
    const environmentId = project.environments[0]?.id ?? '';
    const { id: serviceId } = await railway.createService({ projectId: project.id, environmentId, name: 'odd' });
    const at = { projectId: project.id, environmentId, serviceId };
    await railway.configureService(at, { buildCommand: null, startCommand: null, rootDirectory: null, healthcheckPath: '/healthy', healthcheckTimeoutSeconds: 20 });
    await railway.connectSource(serviceId, { kind: 'repository', repository: 'acme/odd', branch: 'main' });
    await railway.ensureDomain(at);
    const deployment = await railway.deploy(at, { commit: null });
    expect(await settled(deployment)).toBe('SUCCESS');
    const { url } = await railway.getDeployment(deployment);
    expect((await fetch(`${url}/`)).status).toBe(502);
    expect((await fetch(`${url}/switch`)).status).toBe(502);
    expect((await fetch(`${url}/healthy`)).status).toBe(200);
  });
});
