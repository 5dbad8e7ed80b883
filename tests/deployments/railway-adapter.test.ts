import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as documents from '@/lib/adapters/railway/graphql/documents';
import { createRailway } from '@/lib/adapters/railway/graphql/railway';
import type { Railway } from '@/lib/adapters/railway/port';
import { systemClock } from '@/lib/kernel/clock';
import { calls, titleOf } from './support/calls';
import { failureOf, outage, token } from './support/failure';
import { byOperation, errors, json, page, railwayServer, type RailwayServer, type Reply } from './support/railway-server';

let server: RailwayServer;
let railway: Railway;

beforeAll(async () => {
  server = await railwayServer();
});
beforeEach(() => {
  server.asked.length = 0;
  railway = createRailway({ endpoint: server.endpoint, token, clock: systemClock, deadlineMs: 2_000 });
});
afterAll(() => server.close());

describe('what the adapter asks Railway', () => {
  it.each(calls.map((call) => ({ ...call, title: titleOf(call) })))('$title', async ({ run, asks, result }) => {
    server.reply = (response, asked) => json({ data: asks[server.asked.length - 1]?.data })(response, asked);
    expect(await run(railway)).toEqual(result);
    expect(server.asked.map(({ operation, variables }) => ({ operation, variables }))).toEqual(asks.map(({ operation, variables }) => ({ operation, variables })));
    for (const asked of server.asked) {
      expect(asked).toMatchObject({ method: 'POST', path: '/graphql/v2', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
      expect(asked.headers).not.toHaveProperty('project-access-token');
      expect(Object.values<string>(documents)).toContain(asked.query);
    }
  });

  it('every method of the port is among them', () => {
    // `followLogs` asks by another protocol: railway-live-logs.test.ts is about it.
    expect([...new Set<string>([...calls.map(({ method }) => method), 'followLogs'])].toSorted()).toEqual(Object.keys(railway).toSorted());
  });

  it('every document is asked by one of them, save those for tokens of other kinds', () => {
    const asked = new Set(calls.flatMap(({ asks }) => asks.map(({ operation }) => operation)));
    const unasked = Object.values<string>(documents).map((text) => /(\w+)(?:\(| \{)/.exec(text)?.[1] ?? text).filter((name) => !asked.has(name));
    expect(unasked).toEqual(['apiToken', 'projectToken']);
  });
});

describe('whose token it is', () => {
  const refused = errors('Not Authorized');
  const single = json({ data: { projectToken: { projectId: 'prj-1' } } });

  it('a workspace is asked for when there is nobody behind the token', async () => {
    server.reply = byOperation({ me: refused, apiToken: json({ data: { apiToken: { workspaces: [{ id: 'ws-1', name: 'Acme' }] } } }) });
    expect(await railway.whoAmI()).toEqual({ name: 'Acme', workspaces: [{ id: 'ws-1', name: 'Acme' }] });
  });

  it.each<[string, Reply]>([
    ['is unauthorized', refused],
    ['names none', json({ data: { apiToken: { workspaces: [] } } })],
  ])('one of a single project is refused when the list of workspaces %s', async (_, apiToken) => {
    server.reply = byOperation({ me: refused, apiToken, projectToken: single });
    expect(await failureOf(railway.whoAmI())).toEqual({ kind: 'refused' });
    expect(server.asked.map(({ operation, headers }) => [operation, headers.authorization, headers['project-access-token']])).toEqual([
      ['me', `Bearer ${token}`, undefined],
      ['apiToken', `Bearer ${token}`, undefined],
      ['projectToken', undefined, token],
    ]);
  });

  it('one that is of no kind is unauthorized', async () => {
    server.reply = byOperation({ me: refused, apiToken: refused, projectToken: refused });
    expect(await failureOf(railway.whoAmI())).toEqual({ kind: 'unauthorized' });
  });

  it('an outage says nothing about the token', async () => {
    server.reply = byOperation({ me: refused, apiToken: page(502) });
    expect(await failureOf(railway.whoAmI())).toEqual(outage);
  });
});
