import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMail } from '@/lib/identity/mail/queue-mail';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { deliver } from '@/lib/webhooks/delivery/deliver';
import { listDeliveries } from '@/lib/webhooks/delivery/list-deliveries';
import { purgeDeliveries } from '@/lib/webhooks/delivery/purge-deliveries';
import { replayDelivery } from '@/lib/webhooks/delivery/replay-delivery';
import type { DeliveryView } from '@/lib/webhooks/delivery/schemas';
import { sendTest } from '@/lib/webhooks/delivery/send-test';
import { emitEvent, type Event } from '@/lib/webhooks/emit';
import { getWebhook } from '@/lib/webhooks/get-webhook';
import { rotateSecret } from '@/lib/webhooks/rotate-secret';
import type { WebhookWithSecret } from '@/lib/webhooks/schemas';
import { createCallEndpoint } from '@/lib/webhooks/transport/call-endpoint';
import { updateWebhook } from '@/lib/webhooks/update-webhook';
import { auditOf, expectRefusal } from '../support/expect-refusal';
import { receiver, testWebhooks, type Received, type Receiver, type TestWebhooks } from './support';

const [secondMs, minuteMs, hourMs] = [1_000, 60_000, 3_600_000];
const dayMs = 24 * hourMs;

let studio: TestWebhooks;
let endpoint: Receiver;
let webhook: WebhookWithSecret;
beforeAll(async () => {
  studio = await testWebhooks();
});
afterAll(() => studio.close());

beforeEach(async () => {
  endpoint = await receiver();
  webhook = await studio.register(endpoint.url);
  return async () => {
    await endpoint.close();
    await studio.raw('delete from graphile_worker._private_jobs');
    await studio.raw('delete from webhook_deliveries');
    await studio.raw('delete from webhooks');
  };
});

const emit = (event: Partial<Event> = {}) =>
  within(studio.owner.ctx, { organization: studio.home.id }, 'project:create', (tx) =>
    emitEvent(studio.owner.ctx, tx, { organizationId: studio.home.rowId, type: 'project.created', data: { project: { id: 'prj_1', name: 'Shop' } }, ...event }),
  );

async function deliveries(of: { id: string } = webhook): Promise<DeliveryView[]> {
  return (await listDeliveries(studio.owner.ctx, studio.home.id, of.id)).data;
}

async function only(of: { id: string } = webhook): Promise<DeliveryView> {
  const [first, ...rest] = await deliveries(of);
  if (first === undefined || rest.length > 0) throw new Error(`${rest.length} deliveries too many`);
  return first;
}

/** What the receiver's own library makes of a call, at the moment of the moved clock. */
function verified({ body, headers }: Received, secret: string): unknown {
  vi.useFakeTimers({ toFake: ['Date'], now: studio.now() });
  try {
    return new Webhook(secret).verify(body, headers);
  } finally {
    vi.useRealTimers();
  }
}

function lastCall(): Received {
  const call = endpoint.got.at(-1);
  if (call === undefined) throw new Error('nobody called');
  return call;
}

describe('an event', () => {
  it('reaches every webhook that wants it, signed as Standard Webhooks says', async () => {
    const other = await studio.register(endpoint.url.replace('/hook', '/other'), ['project.deleted', 'project.created']);
    await studio.register(endpoint.url.replace('/hook', '/unwanted'), ['project.deleted']);
    await emit();
    expect(await studio.run()).toBe(2);
    expect(endpoint.got.map(({ path }) => path).sort()).toEqual(['/hook', '/other']);
    for (const { path, headers, body } of endpoint.got) {
      const { secret } = path === '/hook' ? webhook : other;
      const payload = verified({ path, headers, body }, secret);
      expect(payload).toEqual({ type: 'project.created', timestamp: expect.stringMatching(/^\d{4}-.*Z$/), data: { project: { id: 'prj_1', name: 'Shop' }, organization_id: studio.home.id } });
      expect(headers['webhook-id']).toMatch(/^evt_/);
      expect(headers['content-type']).toBe('application/json');
      expect(() => verified({ path, headers, body: body.replace('Shop', 'Shap') }, secret)).toThrow('No matching signature found');
      expect(() => verified({ path, headers: { ...headers, 'webhook-id': 'evt_other' }, body }, secret)).toThrow('No matching signature found');
    }
    expect(await only()).toMatchObject({ state: 'delivered', attempts: 1, last_status: 200, last_error: null, next_attempt_at: null });
    expect((await only()).id).toBe((await only(other)).id);
  });

  it('is there with the change that it tells of, or not at all', async () => {
    const broken = within(studio.owner.ctx, { organization: studio.home.id }, 'project:create', async (tx) => {
      await emitEvent(studio.owner.ctx, tx, { organizationId: studio.home.rowId, type: 'project.created', data: {} });
      throw new Error('the change failed');
    });
    await expect(broken).rejects.toThrow('the change failed');
    expect(await deliveries()).toEqual([]);
    expect(await studio.run()).toBe(0);
  });

  it('goes to the webhooks of its own organization alone, and to none that is switched off', async () => {
    const other = await studio.person();
    const theirs = await studio.organization(other);
    await within(other.ctx, { organization: theirs.id }, 'project:create', (tx) => emitEvent(other.ctx, tx, { organizationId: theirs.rowId, type: 'project.created', data: {} }));
    await updateWebhook(studio.owner.ctx, studio.home.id, webhook.id, { enabled: false });
    await emit();
    expect(await studio.run()).toBe(0);
    expect(await deliveries()).toEqual([]);
  });

  it('of a test arrives whatever the webhook subscribes to', async () => {
    const { id } = await sendTest(studio.owner.ctx, studio.home.id, webhook.id);
    await studio.run();
    expect(verified(lastCall(), webhook.secret)).toMatchObject({ type: 'webhook.test', data: { webhook_id: webhook.id, organization_id: studio.home.id } });
    expect(lastCall().headers['webhook-id']).toBe(id);
  });
});

describe('retries', () => {
  it('come on the schedule, under the same id and signed anew, until none is left', async () => {
    endpoint.status = 500;
    await emit();
    expect(await studio.run()).toBe(1);
    const waits = [5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs];
    for (const [index, wait] of waits.entries()) {
      const { state, attempts, next_attempt_at: next, last_error: error } = await only();
      expect([state, attempts, error]).toEqual(['pending', index + 1, 'The endpoint answered 500. Answer 2xx to take an event.']);
      const leftMs = Date.parse(next ?? '') - studio.now().getTime();
      expect(leftMs / wait).toBeGreaterThan(0.89);
      expect(leftMs / wait).toBeLessThan(1.11);
      // A little before its time nothing happens.
      studio.pass(leftMs - Math.min(2 * secondMs, wait / 2));
      expect(await studio.run()).toBe(0);
      studio.pass(2 * secondMs);
      expect(await studio.run()).toBe(1);
      verified(lastCall(), webhook.secret);
    }
    expect(await only()).toMatchObject({ state: 'failed', attempts: 10, next_attempt_at: null, last_status: 500 });
    expect(endpoint.got).toHaveLength(10);
    expect(new Set(endpoint.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(endpoint.got.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
    studio.pass(2 * dayMs);
    expect(await studio.run()).toBe(0);
  });

  it('end with the first success', async () => {
    endpoint.status = 503;
    await emit();
    await studio.run();
    expect((await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).failing_since).not.toBeNull();
    endpoint.status = 204;
    studio.pass(6 * secondMs);
    expect(await studio.run()).toBe(1);
    expect(await only()).toMatchObject({ state: 'delivered', attempts: 2, last_status: 204, last_error: null, next_attempt_at: null });
    expect((await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).failing_since).toBeNull();
    studio.pass(dayMs);
    expect(await studio.run()).toBe(0);
  });

  it('follow from what never got an answer, told in words and without a word of the network', async () => {
    const network = { resolve: () => Promise.reject(new Error('getaddrinfo ENOTFOUND')), connect: () => { throw new Error('never'); } };
    await updateWebhook(studio.owner.ctx, studio.home.id, webhook.id, { url: 'https://hooks.example.com/' });
    await emit();
    await studio.run(createCallEndpoint({ loopback: true, network }));
    const { state, last_status: status, last_error: error } = await only();
    expect([state, status]).toEqual(['pending', null]);
    expect(error).toMatch(/^The host was not found/);
    expect(error).not.toContain('ENOTFOUND');
  });

  it('are made once: a job of an attempt that was made already does nothing', async () => {
    await emit();
    const [job] = await studio.raw<{ payload: { organization_id: string; delivery_id: string; attempt: number } }>('select payload from graphile_worker._private_jobs');
    await studio.run();
    const again = { organizationId: studio.home.rowId, deliveryId: job?.payload.delivery_id ?? '', attempt: 0 };
    await deliver(studio.ctx({ kind: 'system', job: 'webhooks' }), again, () => Promise.reject(new Error('called again')));
    expect(endpoint.got).toHaveLength(1);
  });

  it('do not overwrite what a person decided while the call was under way', async () => {
    await emit();
    await studio.run(async () => {
      await updateWebhook(studio.owner.ctx, studio.home.id, webhook.id, { enabled: false });
      return { status: 500, error: 'x', durationMs: 1 };
    });
    expect(await only()).toMatchObject({ state: 'disabled', attempts: 0, next_attempt_at: null });
    expect(await studio.raw('select from graphile_worker._private_jobs')).toEqual([]);
  });
});

describe('a replay', () => {
  it('sends what was delivered, failed or not sent once more, under its id', async () => {
    await emit();
    await studio.run();
    const { id } = await only();
    expect(await replayDelivery(studio.owner.ctx, studio.home.id, webhook.id, id)).toMatchObject({ id, state: 'pending', attempts: 0, delivered_at: null });
    await expectRefusal(replayDelivery(studio.owner.ctx, studio.home.id, webhook.id, id), 'conflict');
    studio.pass(minuteMs);
    expect(await studio.run()).toBe(1);
    expect(endpoint.got.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    verified(lastCall(), webhook.secret);
    expect(await only()).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(await auditOf(studio, studio.home)).toContainEqual(expect.objectContaining({ action: 'webhook.replayed', target_id: webhook.id, reason: id }));
  });

  it('brings forward what waits for its next attempt, instead of adding a second job', async () => {
    endpoint.status = 500;
    await emit();
    await studio.run();
    endpoint.status = 200;
    await replayDelivery(studio.owner.ctx, studio.home.id, webhook.id, (await only()).id);
    expect(await studio.run()).toBe(1);
    expect(await only()).toMatchObject({ state: 'delivered', attempts: 1 });
    studio.pass(dayMs);
    expect(await studio.run()).toBe(0);
  });
});

it('a replay helps a delivery whose job was lost', async () => {
  await emit();
  await studio.raw('delete from graphile_worker._private_jobs');
  const { id } = await only();
  studio.pass(9 * minuteMs);
  await expectRefusal(replayDelivery(studio.owner.ctx, studio.home.id, webhook.id, id), 'conflict');
  studio.pass(2 * minuteMs);
  await replayDelivery(studio.owner.ctx, studio.home.id, webhook.id, id);
  expect(await studio.run()).toBe(1);
  expect(await only()).toMatchObject({ id, state: 'delivered' });
});

describe('a rotation', () => {
  it('signs with both secrets for 24 hours, and then with the new one', async () => {
    const { secret: fresh, previous_secret_until: until } = await rotateSecret(studio.owner.ctx, studio.home.id, webhook.id);
    expect(Math.abs(Date.parse(until ?? '') - studio.now().getTime() - dayMs)).toBeLessThan(10 * secondMs);
    expect(fresh).not.toBe(webhook.secret);
    await emit();
    await studio.run();
    expect(lastCall().headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of [webhook.secret, fresh]) expect(verified(lastCall(), secret)).toMatchObject({ type: 'project.created' });
    studio.pass(dayMs + secondMs);
    await emit();
    await studio.run();
    expect(verified(lastCall(), fresh)).toMatchObject({ type: 'project.created' });
    expect(() => verified(lastCall(), webhook.secret)).toThrow('No matching signature found');
    expect((await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).previous_secret_until).toBeNull();
  });
});

describe('an endpoint that only fails', () => {
  const letters = async () => {
    const jobs = await studio.raw<{ sealed: string }>(`select j.payload->>'sealed' as sealed from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'send-mail'`);
    return jobs.map(({ sealed }) => openMail(studio.owner.ctx.vault, sealed));
  };

  it('is switched off after five days of nothing but failures, and the owners are told', async () => {
    const [second, admin] = [await studio.person(), await studio.person()];
    await studio.join(studio.home, second, 'owner');
    await studio.join(studio.home, admin, 'admin');
    endpoint.status = 500;
    for (let day = 0; day < 5; day += 1) {
      await emit();
      await studio.run();
      expect(await getWebhook(studio.owner.ctx, studio.home.id, webhook.id), `day ${day}`).toMatchObject({ enabled: true });
      studio.pass(dayMs);
    }
    await studio.run();
    expect(await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).toMatchObject({ enabled: false, disabled_reason: 'failing' });
    expect((await deliveries()).filter(({ state }) => state === 'pending')).toEqual([]);
    expect((await deliveries()).some(({ state }) => state === 'disabled')).toBe(true);
    const sent = await letters();
    expect(sent.map(({ to }) => to).sort()).toEqual([studio.owner.email, second.email].sort());
    expect(sent[0]?.text).toContain('every call in the last five days failed');
    expect(sent[0]?.text).toContain(`http://studio.test/${studio.home.slug}/webhooks/${webhook.id}`);
    expect(sent[0]?.text).not.toContain('/hook ');
    expect(await auditOf(studio, studio.home)).toContainEqual(expect.objectContaining({ action: 'webhook.disabled', target_id: webhook.id }));
    await emit();
    const before = endpoint.got.length;
    await studio.run();
    expect(endpoint.got.length).toBe(before);
  });

  it('stays on when one call succeeds in between, or nothing was sent for long', async () => {
    endpoint.status = 500;
    await emit();
    await studio.run();
    studio.pass(4 * dayMs);
    endpoint.status = 200;
    await studio.run();
    endpoint.status = 500;
    studio.pass(2 * dayMs);
    await emit();
    await studio.run();
    expect(await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).toMatchObject({ enabled: true });
    await studio.raw('delete from graphile_worker._private_jobs');
    studio.pass(30 * dayMs);
    await emit();
    await studio.run();
    expect(await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).toMatchObject({ enabled: true });
    expect(await letters()).toEqual([]);
  });

  it('is switched off at once when it answers 410, and says so', async () => {
    endpoint.status = 410;
    await emit();
    await emit();
    await studio.run();
    expect(endpoint.got).toHaveLength(1);
    expect(await getWebhook(studio.owner.ctx, studio.home.id, webhook.id)).toMatchObject({ enabled: false, disabled_reason: 'gone' });
    expect((await deliveries()).map(({ state, last_status: status }) => `${state} ${status}`).sort()).toEqual(['disabled null', 'failed 410']);
    const [sent] = await letters();
    expect(sent?.text).toContain('it answered 410');
  });
});

it('the record of what ended goes after a month; what waits stays', async () => {
  await emit();
  await studio.run();
  endpoint.status = 500;
  await emit();
  await studio.run();
  await studio.raw(`update webhook_deliveries set created_at = now() - interval '31 days'`);
  await emit();
  await studio.run();
  await asSystem(studio.ctx({ kind: 'system', job: 'janitor' }), 'purge', purgeDeliveries);
  expect((await deliveries()).map(({ state }) => state)).toEqual(['pending', 'pending']);
});
