import { createServer } from 'node:http';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRailway } from '@/lib/adapters/railway/graphql/railway';
import { systemClock } from '@/lib/kernel/clock';
import { lookAgainMs } from '@/lib/sagas/backoff';

/**
 * A first deployment straight down: what the saga asks of Railway, in its order and with its pauses between looks, and
 * nothing written down. Arguments: `<port> <endpoint> <token> <repository> <start command>`. A POST makes one, named
 * by the path, and answers when it is up.
 */
const [, , port = '', endpoint = '', token = '', repository = '', startCommand = ''] = process.argv;

// As the worker does, so that whatever else the machine is busy with strikes both alike.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const railway = createRailway({ endpoint, token, clock: systemClock });
const { id: workspaceId = '' } = (await railway.whoAmI()).workspaces[0] ?? {};

createServer((request, response) => {
  deploy((request.url ?? '').slice(1)).then(
    () => response.end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
}).listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ msg: 'ready' })));

async function deploy(name: string): Promise<void> {
  const { id: projectId } = await railway.createProject({ workspaceId, name, environmentName: 'production' });
  const environmentId = (await railway.getProject(projectId)).environments[0]?.id ?? '';
  const { id: serviceId } = await railway.createService({ projectId, environmentId, name: 'app' });
  const at = { projectId, serviceId, environmentId };
  await railway.setVariables(at, { ONE: '1', TWO: '2', THREE: '3', FOUR: '4' }, { replace: true });
  await railway.configureService(at, { buildCommand: null, startCommand, rootDirectory: null, healthcheckPath: null, healthcheckTimeoutSeconds: null });
  await railway.listDeployments({ ...at, limit: 20 });
  await railway.ensureDomain(at);
  await railway.connectSource(serviceId, { kind: 'repository', repository, branch: 'main' });
  await railway.listDeployments({ ...at, limit: 20 });
  const deployment = await railway.deploy(at, { commit: null });
  await isUp(deployment);
  await Promise.all([
    railway.buildLogs(deployment, { since: null, limit: 2_001 }),
    railway.runtimeLogs(deployment, { since: null, limit: 2_001 }),
    railway.listDeployments({ ...at, limit: 20 }),
  ]);
}

async function isUp(deployment: string): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const { status } = await railway.getDeployment(deployment);
    if (status === 'SUCCESS') return;
    if (status === 'FAILED' || status === 'CRASHED') throw new Error(`the deployment became ${status}`);
    await sleep(lookAgainMs(performance.now() - startedMs));
  }
}
