import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { Ctx } from '@/lib/context';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import { newPublicId } from '@/lib/kernel/ids';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { deleteWebhook } from '@/lib/webhooks/delete-webhook';
import { listDeliveries } from '@/lib/webhooks/delivery/list-deliveries';
import { replayDelivery } from '@/lib/webhooks/delivery/replay-delivery';
import { DeliveryView } from '@/lib/webhooks/delivery/schemas';
import { sendTest } from '@/lib/webhooks/delivery/send-test';
import { getWebhook } from '@/lib/webhooks/get-webhook';
import { listWebhooks } from '@/lib/webhooks/list-webhooks';
import { rotateSecret } from '@/lib/webhooks/rotate-secret';
import { WebhookWithSecret } from '@/lib/webhooks/schemas';
import { updateWebhook } from '@/lib/webhooks/update-webhook';
import { testApi } from '../support/api';
import { auditOf, expectRefusal, refusal } from '../support/expect-refusal';
import { receiver, testWebhooks, type Receiver, type TestWebhooks } from './support';

const url = 'https://hooks.example.com/studio?token=very-private-path';
const input = { url, description: 'Chat', events: ['project.created', 'deployment.failed'] };

let studio: TestWebhooks;
let endpoint: Receiver;
beforeAll(async () => {
  [studio, endpoint] = [await testWebhooks(), await receiver()];
});
afterAll(async () => {
  await endpoint.close();
  await studio.close();
});

let ctx: Ctx;
let organization: { id: string; rowId: string };
beforeEach(async () => {
  const owner = await studio.person();
  ctx = owner.ctx;
  organization = await studio.organization(owner);
});

interface Place {
  organization: string;
  webhook: string;
  event: string;
}

/** Every verb of the wing, and the right that it needs. */
const verbs: [name: string, right: string, call: (ctx: Ctx, place: Place) => Promise<unknown>][] = [
  ['createWebhook', 'webhook:manage', (by, place) => createWebhook(by, place.organization, input)],
  ['listWebhooks', 'webhook:read', (by, place) => listWebhooks(by, place.organization)],
  ['getWebhook', 'webhook:read', (by, place) => getWebhook(by, place.organization, place.webhook)],
  ['updateWebhook', 'webhook:manage', (by, place) => updateWebhook(by, place.organization, place.webhook, { url: 'https://elsewhere.example.com/' })],
  ['deleteWebhook', 'webhook:manage', (by, place) => deleteWebhook(by, place.organization, place.webhook)],
  ['rotateSecret', 'webhook:manage', (by, place) => rotateSecret(by, place.organization, place.webhook)],
  ['sendTest', 'webhook:manage', (by, place) => sendTest(by, place.organization, place.webhook)],
  ['listDeliveries', 'webhook:read', (by, place) => listDeliveries(by, place.organization, place.webhook)],
  ['replayDelivery', 'webhook:manage', (by, place) => replayDelivery(by, place.organization, place.webhook, place.event)],
];

async function somePlace(): Promise<Place> {
  const webhook = await createWebhook(ctx, organization.id, input);
  const { id: event } = await sendTest(ctx, organization.id, webhook.id);
  return { organization: organization.id, webhook: webhook.id, event };
}

/** Everything that an intruder could have changed or caused, as one value. */
function fingerprint(): Promise<unknown> {
  return studio.raw(
    `select (select json_agg(w order by w.id) from webhooks w)::text as webhooks, (select json_agg(d order by d.id) from webhook_deliveries d)::text as deliveries,
            (select count(*) from graphile_worker._private_jobs) as jobs, (select count(*) from audit_logs where outcome = 'allowed') as allowed`,
  );
}

describe.each(verbs)('%s', (name, right, call) => {
  it('finds nothing for a stranger, in this organization and through the own one', async () => {
    const place = await somePlace();
    const stranger = await studio.person();
    const theirs = await studio.organization(stranger);
    const before = await fingerprint();
    await expectRefusal(call(stranger.ctx, place), 'not_found');
    await expectRefusal(call(studio.ctx({ kind: 'anonymous' }), place), 'unauthenticated');
    if (!['createWebhook', 'listWebhooks'].includes(name)) await expectRefusal(call(stranger.ctx, { ...place, organization: theirs.id }), 'not_found');
    expect(await fingerprint()).toEqual(before);
  });

  it.each(['developer', 'viewer', 'billing'] as const)('is for a %s what the table of rights says', async (role) => {
    const place = await somePlace();
    const person = await studio.person();
    await studio.join(organization, person, role);
    const before = await fingerprint();
    if (role === 'developer' && right === 'webhook:read') await call(person.ctx, place);
    else expect((await expectRefusal(call(person.ctx, place), 'forbidden')).right).toBe(right);
    expect(await fingerprint()).toEqual(before);
  });

  it('is open to an admin', async () => {
    const place = await somePlace();
    const admin = await studio.person();
    await studio.join(organization, admin, 'admin');
    await studio.raw(`update webhook_deliveries set state = 'failed' where event_id = $1`, [place.event]);
    await expect(call(admin.ctx, place)).resolves.not.toThrow();
  });
});

describe('create', () => {
  test('shows the secret once, keeps it sealed, and names the endpoint by its host alone', async () => {
    const { secret, ...view } = await createWebhook(ctx, organization.id, input);
    expect(view).toMatchObject({ url, description: 'Chat', events: input.events, enabled: true, disabled_reason: null, failing_since: null, previous_secret_until: null });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await getWebhook(ctx, organization.id, view.id)).toEqual(view);
    expect((await listWebhooks(ctx, organization.id)).data).toEqual([view]);
    const rotated = await rotateSecret(ctx, organization.id, view.id);
    await sendTest(ctx, organization.id, view.id);
    const stored = await studio.raw<{ row: string }>(
      `select w::text as row from webhooks w union all select a::text from audit_logs a union all select d::text from webhook_deliveries d union all select j.payload::text from graphile_worker._private_jobs j`,
    );
    for (const shown of [secret, rotated.secret]) {
      const body = shown.slice('whsec_'.length, -1);
      expect(stored.filter(({ row }) => row.includes(body))).toEqual([]);
      expect(studio.lines.filter((line) => JSON.stringify(line).includes(body))).toEqual([]);
    }
    const told = [...(await studio.raw<{ row: string }>('select a::text as row from audit_logs a')).map(({ row }) => row), ...studio.lines.map((line) => JSON.stringify(line))];
    expect(told.filter((text) => text.includes('very-private-path'))).toEqual([]);
    expect(await auditOf(studio, organization)).toContainEqual(expect.objectContaining({ action: 'webhook.created', target_id: view.id }));
  });

  test.each([
    [{ ...input, url: '' }, '/url'],
    [{ ...input, url: 'hooks.example.com' }, '/url'],
    [{ ...input, url: 'https://169.254.169.254/' }, '/url'],
    [{ ...input, url: 'http://hooks.example.com/' }, '/url'],
    [{ ...input, url: `https://hooks.example.com/${'x'.repeat(2000)}` }, '/url'],
    [{ ...input, url: 7 }, '/url'],
    [{ ...input, description: 'x'.repeat(121) }, '/description'],
    [{ ...input, events: [] }, '/events'],
    [{ ...input, events: ['project.created', 'project.created'] }, '/events'],
    [{ ...input, events: ['webhook.test'] }, '/events/0'],
    [{ ...input, events: ['*'] }, '/events/0'],
    [{ ...input, secret: 'whsec_mine' }, '/secret'],
  ])('bad input %j is refused at %s', async (bad, pointer) => {
    const error = await expectRefusal(createWebhook(ctx, organization.id, bad), 'invalid_input');
    expect(error.errors?.map((each) => each.pointer)).toEqual([pointer]);
  });

  test('this machine may be called in local mode, and never in production', async () => {
    expect((await createWebhook(ctx, organization.id, { ...input, url: 'http://localhost:9000/hook' })).url).toBe('http://localhost:9000/hook');
    const production = { ...ctx, loopbackWebhooks: false };
    for (const local of ['http://localhost:9000/hook', 'https://localhost:9000/hook', 'http://127.0.0.1:9000/']) {
      expect((await expectRefusal(createWebhook(production, organization.id, { ...input, url: local }), 'invalid_input')).errors?.[0]?.pointer).toBe('/url');
    }
  });

  test('twenty at most, also when many come at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 24 }, () => refusalCode(createWebhook(ctx, organization.id, input))));
    expect(outcomes.filter((code) => code === 'made')).toHaveLength(20);
    expect(outcomes.filter((code) => code === 'quota_exceeded')).toHaveLength(4);
    expect((await listWebhooks(ctx, organization.id, { limit: '25' })).data).toHaveLength(20);
  });

  test('no API key carries a right to webhooks', () => {
    expect(apiKeyScopes.filter((scope) => scope.startsWith('webhook'))).toEqual([]);
  });
});

async function refusalCode(work: Promise<unknown>): Promise<string> {
  try {
    return (await refusal(work)).code;
  } catch {
    return 'made';
  }
}

describe('update and delete', () => {
  test('changes what is named, keeps the secret to itself and tells what changed', async () => {
    const { id } = await createWebhook(ctx, organization.id, input);
    const changed = await updateWebhook(ctx, organization.id, id, { url: 'https://other.example.com/secret-path', events: ['key.rotated'] });
    expect(changed).toMatchObject({ url: 'https://other.example.com/secret-path', description: 'Chat', events: ['key.rotated'], enabled: true });
    expect(JSON.stringify(changed)).not.toContain('secret"');
    expect(await updateWebhook(ctx, organization.id, id, { description: null })).toMatchObject({ description: null, events: ['key.rotated'] });
    const entry = (await auditOf(studio, organization)).filter(({ action }) => action === 'webhook.updated')[0];
    expect(entry?.changes).toMatchObject({ host: { from: 'hooks.example.com', to: 'other.example.com' }, events: { to: 'key.rotated' } });
    expect(JSON.stringify(entry)).not.toContain('secret-path');
    for (const bad of [{ url: 'https://10.0.0.1/' }, { events: [] }, { enabled: 'yes' }, { nothing: 1 }]) await expectRefusal(updateWebhook(ctx, organization.id, id, bad), 'invalid_input');
  });

  test('switched off it is called no more, and what waited says so; switched on it counts anew', async () => {
    const { id } = await createWebhook(ctx, organization.id, input);
    const { id: event } = await sendTest(ctx, organization.id, id);
    await studio.raw(`update webhooks set failing_since = now(), last_failed_at = now() where public_id = $1`, [id]);
    expect(await updateWebhook(ctx, organization.id, id, { enabled: false })).toMatchObject({ enabled: false, disabled_reason: 'switched_off' });
    expect((await listDeliveries(ctx, organization.id, id)).data).toMatchObject([{ id: event, state: 'disabled', next_attempt_at: null, attempts: 0 }]);
    await expectRefusal(sendTest(ctx, organization.id, id), 'conflict');
    await expectRefusal(replayDelivery(ctx, organization.id, id, event), 'conflict');
    expect(await updateWebhook(ctx, organization.id, id, { enabled: true })).toMatchObject({ enabled: true, disabled_at: null, disabled_reason: null, failing_since: null });
    expect(await replayDelivery(ctx, organization.id, id, event)).toMatchObject({ state: 'pending', attempts: 0 });
  });

  test('deleted it is gone with its deliveries, and the job that waited does nothing', async () => {
    const { id } = await createWebhook(ctx, organization.id, { ...input, url: endpoint.url });
    await sendTest(ctx, organization.id, id);
    await deleteWebhook(ctx, organization.id, id);
    await expectRefusal(getWebhook(ctx, organization.id, id), 'not_found');
    expect(await studio.raw('select from webhook_deliveries where organization_id = $1', [organization.rowId])).toEqual([]);
    const before = endpoint.got.length;
    expect(await studio.run()).toBeGreaterThan(0);
    expect(endpoint.got.length).toBe(before);
    expect(await auditOf(studio, organization)).toContainEqual(expect.objectContaining({ action: 'webhook.deleted', target_id: id }));
  });

  test('an event of another webhook is not found under this one', async () => {
    const [one, two] = [await createWebhook(ctx, organization.id, input), await createWebhook(ctx, organization.id, input)];
    const { id: event } = await sendTest(ctx, organization.id, one.id);
    await expectRefusal(replayDelivery(ctx, organization.id, two.id, event), 'not_found');
    await expectRefusal(replayDelivery(ctx, organization.id, two.id, newPublicId('webhookEvent')), 'not_found');
    await expectRefusal(replayDelivery(ctx, organization.id, two.id, 'evt_x'), 'not_found');
    expect((await listDeliveries(ctx, organization.id, two.id)).data).toEqual([]);
  });
});

describe('the doors', () => {
  test('answer as the verbs do', async () => {
    const person = await studio.person();
    const home = await studio.organization(person);
    const ask = testApi(studio, {}, { loopbackWebhooks: true });
    const base = `/api/v1/organizations/${home.id}/webhooks`;
    const made = await ask('POST', base, { as: person, body: input });
    expect([made.status, made.json]).toEqual([201, expect.objectContaining({ url, secret: expect.stringMatching(/^whsec_/) })]);
    const { id } = WebhookWithSecret.parse(made.json);
    expect((await ask('GET', base, { as: person })).json).toMatchObject({ data: [{ id }], next_cursor: null });
    expect((await ask('PATCH', `${base}/${id}`, { as: person, body: { description: 'x' } })).json).toMatchObject({ id, description: 'x' });
    expect((await ask('POST', `${base}/${id}/rotate-secret`, { as: person })).json).toMatchObject({ id, secret: expect.stringMatching(/^whsec_/) });
    const tested = await ask('POST', `${base}/${id}/test`, { as: person });
    expect([tested.status, tested.json]).toEqual([202, expect.objectContaining({ type: 'webhook.test', state: 'pending' })]);
    const list = await ask('GET', `${base}/${id}/deliveries?state=pending`, { as: person });
    expect(list.json).toMatchObject({ data: [{ type: 'webhook.test' }] });
    const { id: event } = DeliveryView.parse(tested.json);
    expect((await ask('POST', `${base}/${id}/deliveries/${event}/replay`, { as: person })).status).toBe(409);
    expect((await ask('GET', `${base}/${id}`, { as: person })).text).not.toContain('whsec_');
    expect((await ask('DELETE', `${base}/${id}`, { as: person })).status).toBe(204);
    expect((await ask('GET', `${base}/${id}`, { as: person })).status).toBe(404);
    expect((await ask('GET', base)).status).toBe(401);
  });
});
