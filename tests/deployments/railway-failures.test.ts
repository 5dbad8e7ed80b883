import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRailway, type RailwayOptions } from '@/lib/adapters/railway/graphql/railway';
import type { Railway, RailwayFailure } from '@/lib/adapters/railway/port';
import { calls, titleOf } from './support/calls';
import { beginningMs, failureOf, manualClock, outage, prose, thrown, token } from './support/failure';
import { errors, json, page, railwayServer, type RailwayServer, type Reply } from './support/railway-server';

let server: RailwayServer;

beforeAll(async () => {
  server = await railwayServer();
});
beforeEach(() => {
  server.asked.length = 0;
});
afterAll(() => server.close());

function connect(options: Partial<RailwayOptions> = {}): Railway {
  return createRailway({ endpoint: server.endpoint, token, clock: manualClock(), deadlineMs: 2_000, ...options });
}

/** What asking for a deployment fails with when Railway answers like this. */
async function failureAt(reply: Reply, options: Partial<RailwayOptions> = {}): Promise<RailwayFailure | undefined> {
  server.reply = reply;
  return failureOf(connect(options).getDeployment('dep-1'));
}

describe('what a status means', () => {
  it.each<[number, Record<string, string>, RailwayFailure]>([
    [400, {}, { kind: 'refused' }],
    [401, {}, { kind: 'unauthorized' }],
    [403, {}, { kind: 'unauthorized' }],
    [404, {}, { kind: 'unsupported' }],
    [408, {}, { kind: 'unavailable', sent: true, retryAfterMs: null }],
    [422, {}, { kind: 'refused' }],
    [500, {}, { kind: 'unavailable', sent: true, retryAfterMs: null }],
    [502, {}, { kind: 'unavailable', sent: true, retryAfterMs: null }],
    [503, { 'retry-after': '12' }, { kind: 'unavailable', sent: true, retryAfterMs: 12_000 }],
    [429, { 'retry-after': '7' }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    [429, { 'retry-after': '0' }, { kind: 'rate_limited', retryAfterMs: 1_000 }],
    [429, { 'retry-after': 'Sat, 01 Aug 2026 12:00:20 GMT' }, { kind: 'rate_limited', retryAfterMs: 20_000 }],
    [429, { 'retry-after': '7', 'x-ratelimit-reset': '90' }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    [429, { 'x-ratelimit-reset': '90' }, { kind: 'rate_limited', retryAfterMs: 90_000 }],
    [429, { 'x-ratelimit-reset': String(beginningMs / 1_000 + 45) }, { kind: 'rate_limited', retryAfterMs: 45_000 }],
    [429, { 'x-ratelimit-reset': String(beginningMs + 45_500) }, { kind: 'rate_limited', retryAfterMs: 45_500 }],
    [429, { 'x-ratelimit-reset': '2026-08-01T12:05:00Z' }, { kind: 'rate_limited', retryAfterMs: 300_000 }],
    [429, { 'x-ratelimit-reset': '2026-08-09T12:05:00Z' }, { kind: 'rate_limited', retryAfterMs: 3_600_000 }],
    [429, { 'retry-after': 'soon' }, { kind: 'rate_limited', retryAfterMs: 30_000 }],
    [429, {}, { kind: 'rate_limited', retryAfterMs: 30_000 }],
  ])('%i with %o', async (status, headers, expected) => {
    expect(await failureAt(page(status, headers))).toEqual(expected);
  });

  it('a redirect is not followed, so the token goes nowhere else', async () => {
    const other = await railwayServer();
    try {
      expect(await failureAt((response) => void response.writeHead(307, { location: other.endpoint }).end())).toEqual({ kind: 'unsupported' });
      expect(other.asked).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

describe('what an error of GraphQL means', () => {
  it.each<[string, RailwayFailure]>([
    ['UNAUTHENTICATED', { kind: 'unauthorized' }],
    ['UNAUTHORIZED', { kind: 'unauthorized' }],
    ['FORBIDDEN', { kind: 'unauthorized' }],
    ['NOT_FOUND', { kind: 'not_found' }],
    ['BAD_USER_INPUT', { kind: 'refused' }],
    ['RATE_LIMITED', { kind: 'rate_limited', retryAfterMs: 30_000 }],
    ['TOO_MANY_REQUESTS', { kind: 'rate_limited', retryAfterMs: 30_000 }],
    ['GRAPHQL_PARSE_FAILED', { kind: 'unsupported' }],
    ['GRAPHQL_VALIDATION_FAILED', { kind: 'unsupported' }],
    ['INTERNAL_SERVER_ERROR', { kind: 'refused' }],
    ['SOMETHING_NEW', { kind: 'refused' }],
    ['constructor', { kind: 'refused' }],
    [prose, { kind: 'refused' }],
  ])('the code %s', async (code, expected) => {
    expect(await failureAt(errors(prose, { code }))).toEqual(expected);
  });

  it.each<[string, RailwayFailure]>([
    ['Not Authorized', { kind: 'unauthorized' }],
    ['not authorized.', { kind: 'unauthorized' }],
    ['Two Factor Authentication Required', { kind: 'unauthorized' }],
    ['Project not found', { kind: 'not_found' }],
    ['Environment not found', { kind: 'not_found' }],
    ['Service not found', { kind: 'not_found' }],
    ['ServiceInstance not found', { kind: 'not_found' }],
    ['Deployment not found', { kind: 'not_found' }],
    ['You are creating projects too quickly', { kind: 'rate_limited', retryAfterMs: 35_000 }],
    ['You are creating environments too quickly', { kind: 'rate_limited', retryAfterMs: 35_000 }],
    ['Failed to create service domain, please try again', { kind: 'unavailable', sent: true, retryAfterMs: null }],
    ['A service named "web" already exists in this project', { kind: 'refused' }],
    ['The repository was not authorized', { kind: 'refused' }],
    ['Repository Project not found', { kind: 'refused' }],
    ['Problem processing request', { kind: 'refused' }],
    ['constructor', { kind: 'refused' }],
    ['', { kind: 'refused' }],
  ])('the message «%s» with the code of an internal error', async (message, expected) => {
    expect(await failureAt(errors(message))).toEqual(expected);
    expect(await failureAt(errors(message, {}))).toEqual(expected);
  });

  it('the code decides before the message does', async () => {
    expect(await failureAt(errors('Not Authorized', { code: 'BAD_USER_INPUT' }))).toEqual({ kind: 'refused' });
  });

  it('the first error decides, also with a status of 400, and with data beside it', async () => {
    const body = { data: { deployment: null }, errors: [{ message: 'Deployment not found' }, { message: 'Not Authorized' }] };
    expect(await failureAt(json(body))).toEqual({ kind: 'not_found' });
    expect(await failureAt(json(body, 400))).toEqual({ kind: 'not_found' });
  });

  it('an error that looks like nothing known is refused', async () => {
    expect(await failureAt(json({ errors: [{ message: { text: prose }, extensions: prose, traceId: 7 }] }))).toEqual({ kind: 'refused' });
  });

  it("keeps what Railway's support asks for, and nothing that is prose", async () => {
    server.reply = errors(prose, { code: 'INTERNAL_SERVER_ERROR', detail: prose });
    const error = await thrown(connect().getDeployment('dep-1'));
    expect(error?.message).toBe('railway: refused');
    expect(error?.cause).toEqual(new Error('HTTP 200, INTERNAL_SERVER_ERROR, 5527782523421805956'));
    server.reply = json({ errors: [{ message: prose, extensions: { code: `${prose} NOW` }, traceId: `${prose} 7` }] });
    expect((await thrown(connect().getDeployment('dep-1')))?.cause).toEqual(new Error('HTTP 200'));
  });
});

describe('an answer that is not understood', () => {
  const deployment = { id: 'dep-1', status: 'SUCCESS', createdAt: '2026-08-01T10:00:00Z', canRedeploy: true, canRollback: true, deploymentStopped: false };

  it.each<[string, Reply]>([
    ['is no JSON', page(200)],
    ['is empty', (response) => void response.writeHead(200).end()],
    ['is no object', json([])],
    ['has no data', json({})],
    ['has an empty list of errors', json({ errors: [] })],
    ['has other data', json({ data: { project: deployment } })],
    ['has null', json({ data: { deployment: null } })],
    ['has a state of no deployment', json({ data: { deployment: { ...deployment, status: 'ASLEEP' } } })],
    ['has no date', json({ data: { deployment: { ...deployment, createdAt: 'yesterday' } } })],
  ])('%s', async (_, reply) => {
    expect(await failureAt(reply)).toEqual({ kind: 'unsupported' });
  });

  it('is one of more than 8 MB, which is not read to its end', async () => {
    let written = 0;
    const megabyte = 'x'.repeat(1024 * 1024);
    const endless: Reply = (response) => {
      const more = () => {
        while (!response.destroyed) {
          written += 1;
          if (!response.write(megabyte)) return void response.once('drain', more);
        }
      };
      response.writeHead(200);
      more();
    };
    expect(await failureAt(endless)).toEqual({ kind: 'unsupported' });
    expect(written).toBeGreaterThanOrEqual(8);
    expect(written).toBeLessThan(64);
  });

  it('shows no value of a variable', async () => {
    server.reply = json({ data: { variables: { GOOD: 'fine', KEY: [prose] } } });
    const error = await thrown(connect().getVariables({ projectId: 'prj-1', serviceId: 'srv-1', environmentId: 'env-1' }));
    expect(error?.failure).toEqual({ kind: 'unsupported' });
    expect(error?.cause).toEqual(new Error('an answer of another shape (KEY: invalid_type)'));
  });

  it('leaves out what it does not need', async () => {
    server.reply = json({ data: { deployment: { ...deployment, staticUrl: '', url: 'https://a.example/x', meta: 'text', diagnosis: prose } } });
    expect(await connect().getDeployment('dep-1')).toEqual({ id: 'dep-1', status: 'SUCCESS', createdAt: new Date(deployment.createdAt), statusUpdatedAt: null, url: 'https://a.example/x', canRedeploy: true, canRollback: true, stopped: false, commit: null });
  });
});

describe('no answer', () => {
  it.each<[string, Reply]>([
    ['at all', () => undefined],
    ['after its headers', (response) => void response.writeHead(200).write('{"data":')],
  ])('%s is cut by the deadline', async (_, reply) => {
    const began = performance.now();
    expect(await failureAt(reply, { deadlineMs: 200 })).toEqual({ kind: 'timeout' });
    expect(performance.now() - began).toBeGreaterThanOrEqual(190);
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('because the connection is cut may mean that Railway acted', async () => {
    expect(await failureAt((response) => void response.destroy())).toEqual(outage);
    expect(await failureAt((response) => void response.writeHead(200).write('{"data":', () => response.destroy()))).toEqual(outage);
  });

  it('because nobody listens means that nothing was sent', async () => {
    const gone = await railwayServer();
    await gone.close();
    const error = await thrown(connect({ endpoint: gone.endpoint }).getDeployment('dep-1'));
    expect(error?.failure).toEqual({ kind: 'unavailable', sent: false, retryAfterMs: null });
    // The code alone: the error of fetch holds whatever fetch likes to tell.
    expect(error?.cause).toEqual(new Error('ECONNREFUSED'));
    expect(Object.keys(Object(error?.cause))).toEqual([]);
  });

  it('because there is no such host means that nothing was sent', async () => {
    expect(await failureOf(connect({ endpoint: 'http://railway.invalid/graphql/v2' }).getDeployment('dep-1'))).toEqual({ kind: 'unavailable', sent: false, retryAfterMs: null });
  });

  it.each(['two\nlines', '', 'with blank', 'zażółć'])('a token that fits into no header is not sent: %j', async (odd) => {
    const error = await thrown(connect({ token: odd }).getDeployment('dep-1'), odd === '' ? token : odd);
    expect(error?.failure).toEqual({ kind: 'unauthorized' });
    expect(server.asked).toEqual([]);
  });
});

describe('every method', () => {
  it.each(calls.map((call) => ({ ...call, title: titleOf(call) })))('$title passes a failure on', async ({ run }) => {
    server.reply = errors(prose, { code: 'BAD_USER_INPUT' });
    expect(await failureOf(run(connect()))).toEqual({ kind: 'refused' });
    server.reply = page(503);
    expect(await failureOf(run(connect()))).toEqual(outage);
  });

  const orders = calls.filter(({ asks }) => asks.some(({ operation, data }) => data[operation] === true));
  it.each(orders.map((call) => ({ ...call, title: titleOf(call) })))('$title is refused when Railway answers false', async ({ run, asks }) => {
    server.reply = json({ data: Object.fromEntries(asks.map(({ operation }) => [operation, false])) });
    expect(await failureOf(run(connect()))).toEqual({ kind: 'refused' });
  });
  it('orders are these', () => {
    expect(orders.map(({ method }) => method)).toEqual(['deleteProject', 'deleteService', 'configureService', 'setVariables', 'restart', 'rollback', 'stop', 'cancel']);
  });

  it('deleting what is gone is no failure; anything else that is gone is one', async () => {
    server.reply = errors('Project not found');
    expect(await connect().deleteProject('prj-1')).toBeUndefined();
    expect(await failureOf(connect().getProject('prj-1'))).toEqual({ kind: 'not_found' });
    server.reply = errors('Service not found');
    expect(await connect().deleteService('srv-1')).toBeUndefined();
    expect(await failureOf(connect().stop('dep-1'))).toEqual({ kind: 'not_found' });
  });

  it('a project that is deleted, but kept for a while, is not found', async () => {
    server.reply = json({ data: { project: { id: 'prj-1', name: 'x', deletedAt: '2026-08-01T00:00:00Z', environments: { edges: [] }, services: { edges: [] } } } });
    expect(await failureOf(connect().getProject('prj-1'))).toEqual({ kind: 'not_found' });
  });

  it('pages that never end are not taken for "there is none"', async () => {
    const find = () => failureOf(connect().findProject({ workspaceId: 'ws-1', name: 'Notes' }));
    const pageTo = (endCursor: string | null) => json({ data: { projects: { edges: [], pageInfo: { hasNextPage: true, endCursor } } } });
    server.reply = pageTo(null);
    expect(await find()).toEqual({ kind: 'unsupported' });
    server.reply = pageTo('same');
    expect(await find()).toEqual({ kind: 'unsupported' });
    server.asked.length = 0;
    server.reply = (response, asked) => pageTo(String(server.asked.length))(response, asked);
    expect(await find()).toEqual({ kind: 'unsupported' });
    expect(server.asked).toHaveLength(100);
  });
});
