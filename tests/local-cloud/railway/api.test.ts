import path from 'node:path';
import { z } from 'zod';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRailwayStandIn } from '@/lib/local-cloud/railway/server';
import { app, Cloud, EXAMPLE, openFolder, OTHER_TOKEN, Service, TOKEN } from './support';

const named = z.object({ id: z.string() });
const CREATE = 'mutation($name: String!) { projectCreate(input: { name: $name }) { id } }';
let cloud: Cloud;

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('hello', app("'hello'"));
  await cloud.start({ allowFaults: true });
});
afterEach(() => cloud.faults.clear());
afterAll(() => cloud.remove());

describe('who asks', () => {
  it('is refused without a known token, as Railway refuses', async () => {
    for (const token of ['wrong', '']) {
      const response = await cloud.post('{ me { id } }', {}, token);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ data: null, errors: [{ message: 'Not Authorized' }] });
    }
    expect(cloud.lines.join('\n')).not.toContain(TOKEN);
  });

  it('sees its own workspace and nothing of another', async () => {
    const me = z.object({ id: z.string(), workspaces: z.array(named) });
    const [mine, theirs] = await Promise.all([TOKEN, OTHER_TOKEN].map((token) => cloud.ask(me, '{ me { id workspaces { id name } } }', {}, token)));
    expect(mine?.id).not.toBe(theirs?.id);
    expect(await cloud.ask(z.unknown(), '{ apiToken { workspaces { id } } }')).toEqual({ workspaces: [{ id: mine?.workspaces[0]?.id }] });
    expect(await cloud.refusal('{ projectToken { projectId } }')).toBe('Project Token not found');

    const service = await Service.create(cloud, 'hello');
    const id = await service.deploy();
    const { projectId, environmentId, serviceId } = service;
    const refusals = [
      ['query($id: String!) { project(id: $id) { id } }', { id: projectId }, 'Project not found'],
      ['mutation($id: String!) { projectDelete(id: $id) }', { id: projectId }, 'Project not found'],
      ['query($id: String!) { service(id: $id) { id } }', { id: serviceId }, 'Service not found'],
      ['mutation($id: String!) { environmentDelete(id: $id) }', { id: environmentId }, 'Environment not found'],
      ['query($id: String!) { deployment(id: $id) { id } }', { id }, 'Deployment not found'],
      ['query($id: String!) { buildLogs(deploymentId: $id) { message } }', { id }, 'Deployment not found'],
      ['mutation($s: String!, $e: String!) { serviceInstanceDeployV2(serviceId: $s, environmentId: $e) }', { s: serviceId, e: environmentId }, 'Service not found'],
      ['mutation($id: String!) { projectCreate(input: { name: "x", workspaceId: $id }) { id } }', { id: mine?.workspaces[0]?.id }, 'Not Authorized'],
    ] as const;
    for (const [query, variables, message] of refusals) expect(await cloud.refusal(query, variables, OTHER_TOKEN), query).toBe(message);
    expect(await cloud.ask(z.unknown(), '{ projects { edges { node { id } } } }', {}, OTHER_TOKEN)).toEqual({ edges: [] });
    expect(await service.settle(id)).toBe('SUCCESS');
  });
});

describe('what is asked', () => {
  it('is checked against the schema, which it may read', async () => {
    const unknown = await cloud.post('{ me { salary } }');
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    expect((await cloud.post('{ me {')).status).toBe(400);
    expect((await cloud.post('query($id: String!) { project(id: $id) { id } }')).status).toBe(400);
    expect((await cloud.post(getIntrospectionQuery())).status).toBe(200);
    const deep = `{ __type(name: "User") { ${'ofType { '.repeat(25)} name ${'}'.repeat(25)} } }`;
    expect(await cloud.refusal(deep)).toContain('levels deep');
    const none = await fetch(`${cloud.url}/graphql/v2`, { method: 'POST', body: 'no JSON' });
    expect(none.status).toBe(400);
  });

  it('comes in pages', async () => {
    const shape = z.object({ edges: z.array(z.object({ node: z.object({ name: z.string() }) })), pageInfo: z.object({ endCursor: z.string().nullable(), hasNextPage: z.boolean() }) });
    for (let i = 0; i < 5; i += 1) await cloud.ask(named, CREATE, { name: `page ${i}` }, OTHER_TOKEN);
    const names: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const page: z.infer<typeof shape> = await cloud.ask(shape, 'query($after: String) { projects(first: 2, after: $after) { edges { node { name } } pageInfo { endCursor hasNextPage } } }', { after }, OTHER_TOKEN);
      names.push(...page.edges.map(({ node }) => node.name));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    expect(names).toEqual(['page 0', 'page 1', 'page 2', 'page 3', 'page 4']);
  });

  it('refuses variables and settings that cannot be', async () => {
    const service = await Service.create(cloud, 'hello');
    await expect(service.setVariables({ 'NOT A NAME': 'x' })).rejects.toThrow('The variables are not valid');
    await expect(service.setVariables({ ZERO: 'a\0b' })).rejects.toThrow('The variables are not valid');
    await expect(service.update({ healthcheckTimeout: 0 })).rejects.toThrow('healthcheckTimeout must be between');
    await expect(service.deploy('abc')).rejects.toThrow('The commit is not valid');
  });

  it('makes environments, empty or as copies', async () => {
    const service = await Service.create(cloud, 'hello', { startCommand: 'exec node app.mjs' });
    const create = (input: object) => cloud.ask(named, 'mutation($i: EnvironmentCreateInput!) { environmentCreate(input: $i) { id } }', { i: { projectId: service.projectId, ...input } });
    const read = 'query($s: String!, $e: String!) { serviceInstance(serviceId: $s, environmentId: $e) { startCommand source { repo } domains { serviceDomains { domain } } } }';
    const copy = await create({ name: 'staging', sourceEnvironmentId: service.environmentId, skipInitialDeploys: true });
    expect(await cloud.ask(z.unknown(), read, { s: service.serviceId, e: copy.id })).toEqual({ startCommand: 'exec node app.mjs', source: { repo: 'hello' }, domains: { serviceDomains: [] } });
    const empty = await create({ name: 'empty' });
    expect(await cloud.refusal(read, { s: service.serviceId, e: empty.id })).toBe('ServiceInstance not found');
    await expect(create({ name: 'empty' })).rejects.toThrow('already exists');
  });
});

describe('answers gone wrong', () => {
  const control = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${cloud.url}/_faults${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

  it('are told over HTTP, as often as said', async () => {
    expect((await control('POST', '', { operation: 'me', effect: { kind: 'rate-limit', retryAfterSeconds: 7 }, skip: 1, times: 1 })).status).toBe(201);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await cloud.post('{ me { id } }')).status);
    expect(statuses).toEqual([200, 429, 200]);
    expect((await control('POST', '', { effect: { kind: 'unheard-of' } })).status).toBe(422);
    await control('POST', '', { effect: { kind: 'server-error' } });
    expect((await cloud.post('{ me { id } }')).status).toBe(500);
    await control('DELETE', '');
    await control('DELETE', '/requests');
    await cloud.post('{ me { id } }');
    expect(await (await control('GET', '/requests')).json()).toMatchObject({ requests: [{ name: 'me', status: 200 }] });
  });

  it('say when to come back, come late, or never', async () => {
    const limited = cloud.faults.add({ operation: 'me', effect: { kind: 'rate-limit', retryAfterSeconds: 7 } });
    expect((await cloud.post('{ me { id } }')).headers.get('retry-after')).toBe('7');
    cloud.faults.remove(limited);
    const delayed = cloud.faults.add({ effect: { kind: 'delay', ms: 120 } });
    const started = performance.now();
    expect((await cloud.post('{ me { id } }')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(115);
    cloud.faults.remove(delayed);
    cloud.faults.add({ effect: { kind: 'hang' } });
    await expect(fetch(`${cloud.url}/graphql/v2`, { method: 'POST', body: '{"query":"{ me { id } }"}', signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
  });

  it('are lost before or after the effect', async () => {
    const names = async () => JSON.stringify(await cloud.ask(z.unknown(), '{ projects(last: 2) { edges { node { name } } } }'));
    const before = cloud.faults.add({ operation: 'projectCreate', effect: { kind: 'cut', when: 'before' } });
    await expect(cloud.post(CREATE, { name: 'cut before' })).rejects.toThrow('fetch failed');
    expect(await names()).not.toContain('cut before');
    cloud.faults.remove(before);
    cloud.faults.add({ operation: 'projectCreate', effect: { kind: 'cut', when: 'after' } });
    await expect(cloud.post(CREATE, { name: 'cut after' })).rejects.toThrow('fetch failed');
    expect(await names()).toContain('cut after');
  });

  it('are builds that fail and apps that end', async () => {
    const service = await Service.create(cloud, 'hello', { restartPolicyMaxRetries: 1 });
    cloud.faults.configure({ failBuilds: true });
    expect(await service.settle(await service.deploy())).toBe('FAILED');
    cloud.faults.configure({ failBuilds: false, crashLoop: true });
    expect(await service.settle(await service.deploy())).toBe('CRASHED');
    cloud.faults.clear();
    expect(await service.settle(await service.deploy())).toBe('SUCCESS');
  });
});

describe('where it runs', () => {
  const options = { tokens: [TOKEN], exampleDir: EXAMPLE, log: () => undefined };

  it('is not production', async () => {
    await expect(createRailwayStandIn({ ...options, dataDir: path.join(cloud.folder, 'production'), mode: 'production' })).rejects.toThrow('for development only');
  });

  it('says what it is, and runs only what it was given as its own user', async () => {
    const other = new Cloud(await openFolder());
    await other.start({ switchUsers: false });
    try {
      expect(other.lines).toEqual([expect.stringContaining('Not Railway, not for production'), expect.stringContaining('not root')]);
      expect((await fetch(`${other.url}/_faults`)).status).toBe(404);
      const service = await Service.create(other, 'http://127.0.0.1:9/stranger.git');
      const id = await service.deploy();
      expect(await service.settle(id)).toBe('FAILED');
      expect(await service.messages('build', id)).toContain('does not run as root');
      await other.push('trusted', app("'trusted'"));
      await service.update({ source: { repo: 'trusted' } });
      expect(await service.settle(await service.deploy())).toBe('SUCCESS');
      expect(await service.text()).toBe('trusted');
    } finally {
      await other.remove();
    }
  });
});
