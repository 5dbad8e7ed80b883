import type { Railway } from '@/lib/adapters/railway/port';

/** One call of the port: what it asks Railway, what Railway answers to each question, and what comes of it. */
export interface Call {
  method: keyof Railway;
  when?: string;
  run(railway: Railway): Promise<unknown>;
  asks: { operation: string; variables: Record<string, unknown>; data: Record<string, unknown> }[];
  result: unknown;
}

const at = { serviceId: 'srv-1', environmentId: 'env-1' };
const inProject = { projectId: 'prj-1', ...at };

const named = (id: string, name: string) => ({ id, name });
const edges = (...nodes: object[]) => ({ edges: nodes.map((node) => ({ node })) });

const projectAnswer = {
  id: 'prj-1',
  name: 'Notes',
  deletedAt: null,
  environments: edges(named('env-1', 'production'), named('env-2', 'staging')),
  services: edges({ ...named('srv-1', 'web'), deletedAt: null }, { ...named('srv-0', 'web'), deletedAt: '2026-08-01T00:00:00.000Z' }),
};
const project = { id: 'prj-1', name: 'Notes', environments: [named('env-1', 'production'), named('env-2', 'staging')], services: [named('srv-1', 'web')] };

const deploymentAnswer = {
  id: 'dep-1',
  status: 'SUCCESS',
  createdAt: '2026-08-01T10:00:00.000Z',
  statusUpdatedAt: '2026-08-01T10:01:30.500Z',
  staticUrl: 'web-production-1a2b.up.railway.app',
  url: null,
  canRedeploy: true,
  canRollback: false,
  deploymentStopped: false,
  meta: { commitHash: '0123456789abcdef0123456789abcdef01234567', branch: 'main', repo: 'acme/notes' },
};
const deployment = {
  id: 'dep-1',
  status: 'SUCCESS',
  createdAt: new Date('2026-08-01T10:00:00.000Z'),
  statusUpdatedAt: new Date('2026-08-01T10:01:30.500Z'),
  url: 'https://web-production-1a2b.up.railway.app',
  canRedeploy: true,
  canRollback: false,
  stopped: false,
  commit: '0123456789abcdef0123456789abcdef01234567',
};
const freshAnswer = { ...deploymentAnswer, id: 'dep-2', status: 'QUEUED', createdAt: '2026-08-02T10:00:00Z', statusUpdatedAt: null, staticUrl: null, meta: null, canRedeploy: false };
const fresh = { ...deployment, id: 'dep-2', status: 'QUEUED', createdAt: new Date('2026-08-02T10:00:00Z'), statusUpdatedAt: null, url: null, commit: null, canRedeploy: false };
const localAnswer = { ...freshAnswer, id: 'dep-3', staticUrl: 'localhost:40123', createdAt: '2026-07-02T10:00:00Z', meta: { image: 'nginx' } };
const local = { ...fresh, id: 'dep-3', url: 'http://localhost:40123', createdAt: new Date('2026-07-02T10:00:00Z') };

const line = (timestamp: string, message: string) => ({ timestamp, severity: 'info', message });
const whole = line('2026-08-01T10:00:00Z', 'on the second');
const tenth = line('2026-08-01T10:00:00.1Z', 'a tenth later');
const nano = { ...line('2026-08-01T10:00:00.100000001Z', 'a nanosecond after that'), severity: null };

const order = (method: 'restart' | 'rollback' | 'stop' | 'cancel', operation: string): Call => ({
  method,
  run: (railway) => railway[method]('dep-1'),
  asks: [{ operation, variables: { id: 'dep-1' }, data: { [operation]: true } }],
  result: undefined,
});

export const calls: Call[] = [
  {
    method: 'whoAmI',
    run: (railway) => railway.whoAmI(),
    asks: [{ operation: 'me', variables: {}, data: { me: { name: 'Ada', email: 'ada@example.com', workspaces: [named('ws-1', 'Acme')] } } }],
    result: { name: 'Ada', workspaces: [named('ws-1', 'Acme')] },
  },
  {
    method: 'whoAmI',
    when: 'the account has no name',
    run: (railway) => railway.whoAmI(),
    asks: [{ operation: 'me', variables: {}, data: { me: { name: null, email: 'ada@example.com', workspaces: [] } } }],
    result: { name: 'ada@example.com', workspaces: [] },
  },
  {
    method: 'findProject',
    when: 'it is on the first page',
    run: (railway) => railway.findProject({ workspaceId: 'ws-1', name: 'Notes' }),
    asks: [
      {
        operation: 'projects',
        variables: { workspaceId: 'ws-1', first: 100, after: null },
        data: {
          projects: {
            ...edges({ ...named('prj-0', 'Notes'), deletedAt: '2026-08-01T00:00:00Z' }, { ...named('prj-1', 'Notes'), deletedAt: null }),
            pageInfo: { hasNextPage: true, endCursor: 'b' },
          },
        },
      },
      { operation: 'project', variables: { id: 'prj-1' }, data: { project: projectAnswer } },
    ],
    result: project,
  },
  {
    method: 'findProject',
    when: 'there is none on any page',
    run: (railway) => railway.findProject({ workspaceId: 'ws-1', name: 'Notes' }),
    asks: [
      { operation: 'projects', variables: { workspaceId: 'ws-1', first: 100, after: null }, data: { projects: { ...edges({ ...named('prj-2', 'notes'), deletedAt: null }), pageInfo: { hasNextPage: true, endCursor: 'b' } } } },
      { operation: 'projects', variables: { workspaceId: 'ws-1', first: 100, after: 'b' }, data: { projects: { ...edges(), pageInfo: { hasNextPage: false, endCursor: null } } } },
    ],
    result: null,
  },
  {
    method: 'createProject',
    run: (railway) => railway.createProject({ workspaceId: 'ws-1', name: 'Notes', environmentName: 'production' }),
    asks: [{ operation: 'projectCreate', variables: { input: { workspaceId: 'ws-1', name: 'Notes', defaultEnvironmentName: 'production' } }, data: { projectCreate: projectAnswer } }],
    result: project,
  },
  {
    method: 'getProject',
    run: (railway) => railway.getProject('prj-1'),
    asks: [{ operation: 'project', variables: { id: 'prj-1' }, data: { project: projectAnswer } }],
    result: project,
  },
  {
    method: 'deleteProject',
    run: (railway) => railway.deleteProject('prj-1'),
    asks: [{ operation: 'projectDelete', variables: { id: 'prj-1' }, data: { projectDelete: true } }],
    result: undefined,
  },
  {
    method: 'createEnvironment',
    run: (railway) => railway.createEnvironment({ projectId: 'prj-1', name: 'staging' }),
    asks: [{ operation: 'environmentCreate', variables: { input: { projectId: 'prj-1', name: 'staging', skipInitialDeploys: true } }, data: { environmentCreate: named('env-2', 'staging') } }],
    result: named('env-2', 'staging'),
  },
  {
    method: 'createService',
    run: (railway) => railway.createService({ projectId: 'prj-1', environmentId: 'env-1', name: 'web' }),
    asks: [{ operation: 'serviceCreate', variables: { input: { projectId: 'prj-1', environmentId: 'env-1', name: 'web' } }, data: { serviceCreate: named('srv-1', 'web') } }],
    result: named('srv-1', 'web'),
  },
  {
    method: 'deleteService',
    run: (railway) => railway.deleteService('srv-1'),
    asks: [{ operation: 'serviceDelete', variables: { id: 'srv-1' }, data: { serviceDelete: true } }],
    result: undefined,
  },
  {
    method: 'configureService',
    when: 'some settings are taken away',
    run: (railway) => railway.configureService(at, { buildCommand: null, startCommand: 'node server.mjs', rootDirectory: '/app', healthcheckPath: '/live', healthcheckTimeoutSeconds: 60 }),
    asks: [
      {
        operation: 'serviceInstanceUpdate',
        variables: { ...at, input: { buildCommand: null, startCommand: 'node server.mjs', rootDirectory: '/app', healthcheckPath: '/live', healthcheckTimeout: 60 } },
        data: { serviceInstanceUpdate: true },
      },
    ],
    result: undefined,
  },
  {
    method: 'connectSource',
    when: 'it is a repository',
    run: (railway) => railway.connectSource('srv-1', { kind: 'repository', repository: 'acme/notes', branch: 'main' }),
    asks: [{ operation: 'serviceConnect', variables: { id: 'srv-1', input: { repo: 'acme/notes', branch: 'main' } }, data: { serviceConnect: { id: 'srv-1' } } }],
    result: undefined,
  },
  {
    method: 'connectSource',
    when: 'it is an image',
    run: (railway) => railway.connectSource('srv-1', { kind: 'image', image: 'ghcr.io/acme/notes:2' }),
    asks: [{ operation: 'serviceConnect', variables: { id: 'srv-1', input: { image: 'ghcr.io/acme/notes:2' } }, data: { serviceConnect: { id: 'srv-1' } } }],
    result: undefined,
  },
  {
    method: 'ensureDomain',
    when: 'there is one',
    run: (railway) => railway.ensureDomain(inProject),
    asks: [{ operation: 'domains', variables: inProject, data: { domains: { serviceDomains: [{ domain: 'web.up.railway.app' }] } } }],
    result: 'web.up.railway.app',
  },
  {
    method: 'ensureDomain',
    when: 'there is none',
    run: (railway) => railway.ensureDomain(inProject),
    asks: [
      { operation: 'domains', variables: inProject, data: { domains: { serviceDomains: [] } } },
      { operation: 'serviceDomainCreate', variables: { input: at }, data: { serviceDomainCreate: { domain: 'new.up.railway.app' } } },
    ],
    result: 'new.up.railway.app',
  },
  {
    method: 'getVariables',
    run: (railway) => railway.getVariables(inProject),
    asks: [{ operation: 'variables', variables: inProject, data: { variables: { PORT: '3000', EMPTY: '' } } }],
    result: { PORT: '3000', EMPTY: '' },
  },
  {
    method: 'setVariables',
    when: 'the others are removed',
    run: (railway) => railway.setVariables(inProject, { KEY: 'value' }, { replace: true }),
    asks: [{ operation: 'variableCollectionUpsert', variables: { input: { ...inProject, variables: { KEY: 'value' }, replace: true, skipDeploys: true } }, data: { variableCollectionUpsert: true } }],
    result: undefined,
  },
  {
    method: 'deploy',
    when: 'a commit is named',
    run: (railway) => railway.deploy(at, { commit: '0123456789abcdef' }),
    asks: [{ operation: 'serviceInstanceDeployV2', variables: { ...at, commitSha: '0123456789abcdef' }, data: { serviceInstanceDeployV2: 'dep-1' } }],
    result: 'dep-1',
  },
  {
    method: 'deploy',
    when: 'no commit is named',
    run: (railway) => railway.deploy(at, { commit: null }),
    asks: [{ operation: 'serviceInstanceDeployV2', variables: at, data: { serviceInstanceDeployV2: 'dep-1' } }],
    result: 'dep-1',
  },
  {
    method: 'getDeployment',
    run: (railway) => railway.getDeployment('dep-1'),
    asks: [{ operation: 'deployment', variables: { id: 'dep-1' }, data: { deployment: deploymentAnswer } }],
    result: deployment,
  },
  {
    method: 'listDeployments',
    when: 'they come in another order',
    run: (railway) => railway.listDeployments({ ...inProject, limit: 3 }),
    asks: [{ operation: 'deployments', variables: { input: inProject, first: 3 }, data: { deployments: edges(localAnswer, deploymentAnswer, freshAnswer) } }],
    result: [fresh, deployment, local],
  },
  {
    method: 'redeploy',
    run: (railway) => railway.redeploy('dep-1'),
    asks: [{ operation: 'deploymentRedeploy', variables: { id: 'dep-1' }, data: { deploymentRedeploy: freshAnswer } }],
    result: fresh,
  },
  order('restart', 'deploymentRestart'),
  order('rollback', 'deploymentRollback'),
  order('stop', 'deploymentStop'),
  order('cancel', 'deploymentCancel'),
  {
    method: 'buildLogs',
    when: 'they are read from the beginning',
    run: (railway) => railway.buildLogs('dep-1', { since: null, limit: 100 }),
    asks: [{ operation: 'buildLogs', variables: { deploymentId: 'dep-1', limit: 100 }, data: { buildLogs: [nano, tenth, whole] } }],
    result: [whole, tenth, nano],
  },
  {
    method: 'runtimeLogs',
    when: 'Railway begins a little too early',
    run: (railway) => railway.runtimeLogs('dep-1', { since: '2026-08-01T10:00:00.100000000Z', limit: 100 }),
    asks: [{ operation: 'deploymentLogs', variables: { deploymentId: 'dep-1', limit: 100, startDate: '2026-08-01T10:00:00.100000000Z' }, data: { deploymentLogs: [whole, tenth, nano] } }],
    result: [tenth, nano],
  },
];

export function titleOf({ method, when }: Call): string {
  return when === undefined ? method : `${method}, when ${when}`;
}
