import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { app, Cloud, openFolder, OTHER_TOKEN, Service, TOKEN } from './support';

const message = z.object({ id: z.string().optional(), type: z.string(), payload: z.unknown().optional() });
const DEPLOYMENT = 'subscription($id: String!) { deployment(id: $id) { id status } }';
let cloud: Cloud;
let service: Service;
const open: WebSocket[] = [];

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.push('hello', app("'hello'"));
  await cloud.start({ allowFaults: true });
  service = await Service.create(cloud, 'hello');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});
afterAll(() => cloud.remove());

/** Speaks the protocol by hand, so that nothing is taken from the side that is tested. */
function speak({ header, payload, path = '/graphql/v2' }: { header?: string; payload?: object; path?: string }) {
  const socket = new WebSocket(`${cloud.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', header === undefined ? {} : { headers: { authorization: header } });
  open.push(socket);
  const said: Array<z.infer<typeof message>> = [];
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve).on('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode));
  });
  socket.on('error', () => undefined);
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
  socket.on('message', (data) => said.push(message.parse(JSON.parse(String(data)))));
  const ask = (query: string, variables: object = {}): void => socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
  return { said, closed, ask, acknowledged: () => expect.poll(() => said[0]?.type).toBe('connection_ack'), last: () => said.at(-1), stop: () => socket.send('{"id":"1","type":"complete"}') };
}

describe('who subscribes', () => {
  it.each([
    ['a header', { header: `Bearer ${TOKEN}` }],
    ['the first message', { payload: { Authorization: `Bearer ${TOKEN}` } }],
  ])('may show its token in %s', async (_, how) => {
    await speak(how).acknowledged();
  });

  it.each([['none', {}], ['another', { header: 'Bearer wrong' }], ['another in the first message', { payload: { Authorization: 'Bearer wrong' } }]])('is sent away with %s', async (_, how) => {
    expect(await speak(how).closed).toBe(4403);
  });

  it('sees what is its own, on this path only', async () => {
    const id = await service.deploy();
    const stranger = speak({ header: `Bearer ${OTHER_TOKEN}` });
    await stranger.acknowledged();
    stranger.ask(DEPLOYMENT, { id });
    await expect.poll(stranger.last).toMatchObject({ type: 'complete' });
    expect(stranger.said[1]).toMatchObject({ type: 'next', payload: { errors: [{ message: 'Deployment not found' }] } });
    expect(await speak({ header: `Bearer ${TOKEN}`, path: '/elsewhere' }).closed).toBe(404);
    await service.settle(id);
  });

  it('may not ask for anything else here, nor subscribe by POST', async () => {
    for (const query of ['{ me { id } }', 'mutation { projectDelete(id: "x") }', 'subscription { salaries }', 'subscription {']) {
      const one = speak({ header: `Bearer ${TOKEN}` });
      await one.acknowledged();
      one.ask(query);
      await expect.poll(one.last).toMatchObject({ type: 'error' });
    }
    expect((await cloud.post(DEPLOYMENT, { id: 'x' })).status).toBe(400);
  });
});

describe('a deployment', () => {
  it('is told in each of its states, and goes on until it is no longer read', async () => {
    await service.update({ buildCommand: 'sleep 0.5' });
    const id = await service.deploy();
    const one = speak({ header: `Bearer ${TOKEN}` });
    await one.acknowledged();
    one.ask(DEPLOYMENT, { id });
    const shape = z.object({ data: z.object({ deployment: z.object({ id: z.literal(id), status: z.string() }) }) });
    const states = () => one.said.slice(1).map(({ payload }) => shape.parse(payload).data.deployment.status);
    await expect.poll(() => states().at(-1), { timeout: 20_000 }).toBe('SUCCESS');
    expect(states()).toEqual(expect.arrayContaining(['BUILDING', 'DEPLOYING', 'SUCCESS']));
    one.stop();
    const told = one.said.length;
    expect(await service.settle(await service.deploy())).toBe('SUCCESS');
    expect((await service.deployment(id)).status).toBe('REMOVED');
    expect(one.said).toHaveLength(told);
  });

  it('has open streams cut when the stand-in stops', async () => {
    const other = new Cloud(await openFolder());
    await other.push('hello', app("'hello'"));
    await other.start();
    const its = await Service.create(other, 'hello');
    const id = await its.deploy();
    expect(await its.settle(id)).toBe('SUCCESS');
    const socket = new WebSocket(`${other.url.replace('http', 'ws')}/graphql/v2`, 'graphql-transport-ws', { headers: { authorization: `Bearer ${TOKEN}` } });
    open.push(socket);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('open', resolve));
    await other.remove();
    await closed;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});
