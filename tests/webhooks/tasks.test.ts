import { Logger, runOnce } from 'graphile-worker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { within } from '@/lib/identity/access/within';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { emitEvent } from '@/lib/webhooks/emit';
import { webhookTasks } from '@/lib/webhooks/tasks';
import type { Outcome } from '@/lib/webhooks/transport/call-endpoint';
import type { Person } from '../support/context';
import { waitFor } from '../support/wait-for';
import { receiver, testWebhooks, type Receiver, type TestWebhooks } from './support';

let studio: TestWebhooks;
let endpoint: Receiver;
beforeAll(async () => {
  [studio, endpoint] = [await testWebhooks(), await receiver()];
});
afterEach(() => studio.raw('delete from graphile_worker._private_jobs'));
afterAll(async () => {
  await endpoint.close();
  await studio.close();
});

const emit = (person: Person, organization: { id: string; rowId: string }) =>
  within(person.ctx, { organization: organization.id }, 'project:create', (tx) => emitEvent(person.ctx, tx, { organizationId: organization.rowId, type: 'project.created', data: {} }));

const payloads = () => studio.raw<{ payload: Record<string, unknown> }>('select payload from graphile_worker._private_jobs order by run_at, id');

describe('the worker', () => {
  it('takes the job that an event left, and delivers it', async () => {
    await studio.register(endpoint.url);
    await emit(studio.owner, studio.home);
    await runOnce({ connectionString: studio.urls.jobsUrl, noHandleSignals: true, taskList: webhookTasks(studio.ctx({ kind: 'anonymous' })), logger: new Logger(() => () => undefined) });
    expect(endpoint.got).toHaveLength(1);
    expect(await studio.raw('select state from webhook_deliveries')).toEqual([{ state: 'delivered' }]);
  });

  it('keeps endpoints that hang from taking every place, and those of one organization from taking the places of others', async () => {
    const other = await studio.person();
    const theirs = await studio.organization(other);
    const third = await studio.person();
    const thirds = await studio.organization(third);
    let called = 0;
    const ends: ((outcome: Outcome) => void)[] = [];
    const hanging = () => {
      called += 1;
      return new Promise<Outcome>((resolve) => ends.push(resolve));
    };
    for (const [person, organization] of [[other, theirs], [third, thirds]] as const) await createWebhook(person.ctx, organization.id, { url: endpoint.url, events: ['project.created'] });
    for (let round = 0; round < 3; round += 1) await emit(studio.owner, studio.home);
    for (let round = 0; round < 3; round += 1) await emit(other, theirs);
    await emit(third, thirds);
    const jobs = await payloads();
    await studio.raw('delete from graphile_worker._private_jobs');
    const run = webhookTasks(studio.ctx({ kind: 'anonymous' }), hanging)['deliver-webhook'];
    if (run === undefined) throw new Error('there is no such task');
    const running: Promise<void>[] = [];
    for (const { payload } of jobs) {
      const before = running.length;
      running.push(run(payload));
      await waitFor(async () => called + (await payloads()).length > before, { what: 'the job to be taken or put back' });
    }
    // Two of the first, two of the second; the third of each is put back, and so is the last: four are under way.
    expect(called).toBe(4);
    const back = await payloads();
    expect(new Set(back.map(({ payload }) => payload['organization_id']))).toEqual(new Set([studio.home.rowId, theirs.rowId, thirds.rowId]));
    expect(back).toHaveLength(3);
    for (const end of ends) end({ status: 200, error: null, durationMs: 1 });
    await Promise.all(running);
    const later = back.map(({ payload }) => run(payload));
    await waitFor(() => called === 7, { what: 'what was put back to be called' });
    for (const end of ends) end({ status: 200, error: null, durationMs: 1 });
    await Promise.all(later);
    expect(await studio.raw(`select from webhook_deliveries where state <> 'delivered'`)).toEqual([]);
  });
});
