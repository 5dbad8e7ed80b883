import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRailwayGate } from '@/lib/adapters/railway/graphql/gate';
import { createRailway, type RailwayOptions } from '@/lib/adapters/railway/graphql/railway';
import { createRailways } from '@/lib/adapters/railway/graphql/railways';
import type { Railway } from '@/lib/adapters/railway/port';
import { systemClock } from '@/lib/kernel/clock';
import { failureOf, manualClock, prose, token } from './support/failure';
import { byOperation, errors, json, page, railwayServer, type Asked, type RailwayServer } from './support/railway-server';

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

describe('the gate of a token', () => {
  const ask = (railway: Railway) => failureOf(railway.deleteService('srv-1'));
  const well = json({ data: { serviceDelete: true } });

  it('while Railway says to wait, calls fail at once with the time that is left', async () => {
    const clock = manualClock();
    const railway = connect({ clock });
    server.reply = page(429, { 'retry-after': '60' });
    expect(await ask(railway)).toEqual({ kind: 'rate_limited', retryAfterMs: 60_000 });
    server.reply = well;
    clock.pass(20_000);
    expect(await ask(railway)).toEqual({ kind: 'rate_limited', retryAfterMs: 40_000 });
    expect(server.asked).toHaveLength(1);
    clock.pass(40_000);
    expect(await ask(railway)).toBeUndefined();
    expect(server.asked).toHaveLength(2);
  });

  it('a limit on making projects holds nothing else back', async () => {
    const railway = connect();
    server.reply = byOperation({ projectCreate: errors('You are creating projects too quickly'), serviceDelete: well });
    expect(await failureOf(railway.createProject({ workspaceId: 'ws-1', name: 'x', environmentName: 'production' }))).toMatchObject({ kind: 'rate_limited' });
    expect(await ask(railway)).toBeUndefined();
  });

  it('a shorter wait does not cut a longer one', async () => {
    const clock = manualClock();
    const gate = createRailwayGate({ clock });
    gate.pauseFor(60_000);
    gate.pauseFor(1_000);
    clock.pass(2_000);
    expect(await failureOf(gate.run({ retrying: false }, () => Promise.resolve()))).toEqual({ kind: 'rate_limited', retryAfterMs: 58_000 });
  });

  it('opens when Railway does not answer, lets one probe through and closes when it succeeds', async () => {
    const clock = manualClock();
    const railway = connect({ clock });
    server.reply = page(503);
    for (let call = 0; call < 8; call += 1) expect(await ask(railway)).toMatchObject({ kind: 'unavailable', sent: call < 5 });
    expect(server.asked).toHaveLength(5);
    clock.pass(2_001);
    server.reply = well;
    expect(await ask(railway)).toBeUndefined();
    expect(await ask(railway)).toBeUndefined();
    expect(server.asked).toHaveLength(7);
  });

  it('opens as well when nobody listens', async () => {
    const gone = await railwayServer();
    await gone.close();
    const gate = createRailwayGate({ clock: manualClock(), threshold: 3 });
    const railway = connect({ endpoint: gone.endpoint, gate });
    for (let call = 0; call < 3; call += 1) await ask(railway);
    expect(gate.open()).toBe(true);
    expect(await ask(railway)).toEqual({ kind: 'unavailable', sent: false, retryAfterMs: 2_000 });
  });

  it('takes a refusal for a sign of life', async () => {
    const gate = createRailwayGate({ clock: manualClock(), threshold: 2 });
    server.reply = errors(prose);
    for (let call = 0; call < 5; call += 1) await ask(connect({ gate }));
    expect(gate.open()).toBe(false);
    expect(server.asked).toHaveLength(5);
  });

  it('keeps repeated calls to its budget, until Railway is well', async () => {
    const railway = connect({ retrying: true });
    let calls = 0;
    const everyOther = (response: ServerResponse, asked: Asked) => ((calls += 1) % 2 === 0 ? page(503) : well)(response, asked);
    server.reply = everyOther;
    for (let call = 1; call <= 20; call += 1) expect((await ask(railway)) === undefined).toBe(call % 2 === 1);
    expect(await ask(railway)).toMatchObject({ kind: 'unavailable', sent: false });
    expect(server.asked).toHaveLength(20);
  });

  it('keeps no repeated call from a Railway that answers well', async () => {
    const railway = connect({ retrying: true });
    server.reply = well;
    for (let call = 0; call < 50; call += 1) expect(await ask(railway)).toBeUndefined();
    expect(server.asked).toHaveLength(50);
  });

  it('is shared by all that use the token, and by nobody else', async () => {
    const railways = createRailways({ endpoint: server.endpoint, clock: systemClock, deadlineMs: 2_000 });
    server.reply = page(429, { 'retry-after': '60' });
    expect(await ask(railways.withToken(token))).toMatchObject({ kind: 'rate_limited' });
    server.reply = well;
    expect(await ask(railways.withToken(token, { retrying: true }))).toMatchObject({ kind: 'rate_limited' });
    expect(await ask(railways.withToken('another'))).toBeUndefined();
    expect(server.asked).toHaveLength(2);
  });
});
