import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createRailwayStandIn, type RailwayStandIn, type RailwayStandInOptions } from '@/lib/local-cloud/railway/server';

export const TOKEN = 'token-of-the-first-account';
export const OTHER_TOKEN = 'token-of-the-second-account';
export const EXAMPLE = fileURLToPath(new URL('../../../examples/notes', import.meta.url));

const answerShape = z.object({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.array(z.object({ message: z.string() })).optional() });

/** A folder that users of apps can pass through. */
export async function openFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'railway-'));
  await chmod(folder, 0o711);
  return folder;
}

export class Cloud {
  readonly folder: string;
  readonly lines: string[] = [];
  readonly #repositories: Record<string, string> = {};
  #running: { standIn: RailwayStandIn; url: string; close(): Promise<void> } | undefined;
  #process: { child: ChildProcess; url: string } | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  get url(): string {
    return this.#process?.url ?? this.#current().url;
  }

  /** Of the stand-in when it has a process of its own. */
  get pid(): number {
    return this.#process?.child.pid ?? 0;
  }

  get faults(): RailwayStandIn['faults'] {
    return this.#current().standIn.faults;
  }

  async start(options: Partial<RailwayStandInOptions> = {}): Promise<void> {
    const standIn = await createRailwayStandIn({
      dataDir: path.join(this.folder, 'data'), mode: 'local', log: (line) => this.lines.push(line), tokens: [TOKEN, OTHER_TOKEN],
      exampleDir: EXAMPLE, localRepositories: this.#repositories, ...options,
      settings: { backoffMs: 20, drainingSeconds: 2, ...options.settings },
    });
    this.#running = { standIn, ...(await standIn.listen(0)) };
  }

  /** In a process of its own, with the repositories that were pushed until now. */
  async startProcess(isolate = true): Promise<void> {
    const script = fileURLToPath(new URL('./stand-in-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, path.join(this.folder, 'data'), EXAMPLE, TOKEN, JSON.stringify(this.#repositories), String(isolate)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line]: unknown[] = await once(child.stdout, 'data');
    this.#process = { child, url: String(line).trim() };
  }

  /** As a machine that loses power would end it: nothing is tidied up. */
  async killProcess(): Promise<void> {
    const child = this.#process?.child;
    this.#process = undefined;
    if (child === undefined || !child.kill('SIGKILL')) return;
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    const { standIn, close } = this.#current();
    await close();
    await standIn.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A repository of these files; writing it again is a push. */
  async push(name: string, files: Record<string, string>): Promise<void> {
    const folder = path.join(this.folder, 'repositories', name);
    this.#repositories[name] = folder;
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), text);
    }
  }

  post(query: string, variables: object = {}, token: string | undefined = TOKEN): Promise<Response> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(`${this.url}/graphql/v2`, { method: 'POST', headers: { 'content-type': 'application/json', ...authorization }, body: JSON.stringify({ query, variables }) });
  }

  /** The one field that was asked for. */
  async ask<T>(shape: z.ZodType<T>, query: string, variables: object = {}, token?: string): Promise<T> {
    const { data, errors } = answerShape.parse(await (await this.post(query, variables, token)).json());
    if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('; '));
    return shape.parse(Object.values(data ?? {})[0]);
  }

  async refusal(query: string, variables: object = {}, token?: string): Promise<string | undefined> {
    const { errors } = answerShape.parse(await (await this.post(query, variables, token)).json());
    return errors?.[0]?.message;
  }

  #current(): { standIn: RailwayStandIn; url: string; close(): Promise<void> } {
    if (this.#running === undefined) throw new Error('the stand-in is not started');
    return this.#running;
  }
}

const named = z.object({ id: z.string() });
const projectShape = z.object({ id: z.string(), environments: z.object({ edges: z.array(z.object({ node: named })) }) });
const deploymentShape = z.object({ id: z.string(), status: z.string(), url: z.string().nullable(), canRollback: z.boolean(), canRedeploy: z.boolean(), deploymentStopped: z.boolean() });
const domainShape = z.object({ domain: z.string() });
const logShape = z.array(z.object({ timestamp: z.string(), severity: z.string(), message: z.string() }));
const DEPLOYMENT = 'id status url canRollback canRedeploy deploymentStopped';
const settled = ['SUCCESS', 'FAILED', 'CRASHED', 'REMOVED'];

/** A service with a domain, made the way Studio makes one. */
export class Service {
  readonly cloud: Cloud;
  readonly projectId: string;
  readonly environmentId: string;
  readonly serviceId: string;
  readonly url: string;

  private constructor(cloud: Cloud, at: { projectId: string; environmentId: string; serviceId: string; url: string }) {
    this.cloud = cloud;
    this.projectId = at.projectId;
    this.environmentId = at.environmentId;
    this.serviceId = at.serviceId;
    this.url = at.url;
  }

  static async create(cloud: Cloud, repo: string, settings: object = {}, branch?: string): Promise<Service> {
    const project = await cloud.ask(projectShape, 'mutation($i: ProjectCreateInput!) { projectCreate(input: $i) { id environments { edges { node { id } } } } }', { i: { name: 'shop' } });
    const environmentId = project.environments.edges[0]?.node.id ?? '';
    const { id } = await cloud.ask(named, 'mutation($i: ServiceCreateInput!) { serviceCreate(input: $i) { id } }', { i: { projectId: project.id, environmentId, name: 'web' } });
    const at = { serviceId: id, environmentId };
    await cloud.ask(z.literal(true), 'mutation($s: String!, $e: String!, $i: ServiceInstanceUpdateInput!) { serviceInstanceUpdate(serviceId: $s, environmentId: $e, input: $i) }', { s: id, e: environmentId, i: settings });
    await cloud.ask(named, 'mutation($s: String!, $i: ServiceConnectInput!) { serviceConnect(id: $s, input: $i) { id } }', { s: id, i: { repo, branch } });
    const { domain } = await cloud.ask(domainShape, 'mutation($i: ServiceDomainCreateInput!) { serviceDomainCreate(input: $i) { domain } }', { i: at });
    return new Service(cloud, { projectId: project.id, ...at, url: `http://${domain}` });
  }

  async setVariables(variables: Record<string, string>, more: object = {}): Promise<void> {
    const { projectId, environmentId, serviceId } = this;
    await this.cloud.ask(z.literal(true), 'mutation($i: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $i) }', { i: { projectId, environmentId, serviceId, variables, replace: true, skipDeploys: true, ...more } });
  }

  update(input: object): Promise<true> {
    return this.cloud.ask(z.literal(true), 'mutation($s: String!, $e: String!, $i: ServiceInstanceUpdateInput!) { serviceInstanceUpdate(serviceId: $s, environmentId: $e, input: $i) }', { s: this.serviceId, e: this.environmentId, i: input });
  }

  deploy(commitSha?: string): Promise<string> {
    return this.cloud.ask(z.string(), 'mutation($s: String!, $e: String!, $c: String) { serviceInstanceDeployV2(serviceId: $s, environmentId: $e, commitSha: $c) }', { s: this.serviceId, e: this.environmentId, c: commitSha });
  }

  act(mutation: 'Rollback' | 'Restart' | 'Stop' | 'Cancel', id: string): Promise<true> {
    return this.cloud.ask(z.literal(true), `mutation($id: String!) { deployment${mutation}(id: $id) }`, { id });
  }

  async redeploy(id: string, usePreviousImageTag = false): Promise<string> {
    return (await this.cloud.ask(named, 'mutation($id: String!, $u: Boolean) { deploymentRedeploy(id: $id, usePreviousImageTag: $u) { id } }', { id, u: usePreviousImageTag })).id;
  }

  deployment(id: string): Promise<z.infer<typeof deploymentShape>> {
    return this.cloud.ask(deploymentShape, `query($id: String!) { deployment(id: $id) { ${DEPLOYMENT} } }`, { id });
  }

  /** The newest first. */
  async deployments(): Promise<Array<z.infer<typeof deploymentShape>>> {
    const shape = z.object({ edges: z.array(z.object({ node: deploymentShape })) });
    const { edges } = await this.cloud.ask(shape, `query($i: DeploymentListInput!) { deployments(input: $i, first: 50) { edges { node { ${DEPLOYMENT} } } } }`, { i: { serviceId: this.serviceId } });
    return edges.map(({ node }) => node);
  }

  /** The status that a deployment comes to rest in. */
  async settle(id: string): Promise<string> {
    for (const deadline = Date.now() + 40_000; Date.now() < deadline; await sleep(50)) {
      const { status } = await this.deployment(id);
      if (settled.includes(status)) return status;
    }
    throw new Error(`deployment ${id} does not settle: ${JSON.stringify(await this.logs('build', id))}`);
  }

  logs(kind: 'build' | 'deployment', deploymentId: string, page: object = {}): Promise<z.infer<typeof logShape>> {
    const query = `query($deploymentId: String!, $limit: Int, $filter: String, $startDate: DateTime, $endDate: DateTime) { ${kind}Logs(deploymentId: $deploymentId, limit: $limit, filter: $filter, startDate: $startDate, endDate: $endDate) { timestamp severity message } }`;
    return this.cloud.ask(logShape, query, { deploymentId, ...page });
  }

  async messages(kind: 'build' | 'deployment', id: string): Promise<string> {
    return (await this.logs(kind, id)).map(({ message }) => message).join('\n');
  }

  async text(at = '/'): Promise<string> {
    return (await fetch(`${this.url}${at}`)).text();
  }
}

/** An app that answers `body`, an expression; it says on its output when it serves. */
export function app(body: string, before = ''): Record<string, string> {
  return {
    'package.json': JSON.stringify({ name: 'app', scripts: { start: 'node app.mjs' } }),
    'app.mjs': `import { createServer } from 'node:http';
${before}
createServer(async (request, response) => response.end(String(${body}))).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('serving'));`,
  };
}
