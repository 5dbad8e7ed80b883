import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { authenticateApiKey } from '@/lib/identity/api-key/authenticate-api-key';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { authenticateSession } from '@/lib/identity/session/authenticate-session';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getProject } from '@/lib/projects/get-project';
import { restoreProject } from '@/lib/projects/restore-project';
import { projectSagas as sagas } from '@/lib/projects/sagas';
import { systemCtx } from '@/lib/projects/tasks';
import { noFaults } from '@/lib/sagas/fault';
import { runSaga } from '@/lib/sagas/run';
import { attempt, readyProject, testProjects, type TestProjects } from '../projects/support';
import { figure } from '../support/figure';
import { inspect, isSound, orphansOf, violationsOf } from './invariants';
import { rest } from './matrix/beginnings';

const hourMs = 60 * 60_000;
const createPath = { method: 'POST', path: '/v1/organization/projects' } as const;

let studio: TestProjects;
let [expiries, wrong] = [0, 0];
const acknowledged: string[] = [];

beforeAll(async () => {
  studio = await testProjects();
});
afterEach(() => {
  vi.useRealTimers();
  studio.appwrite.standIn.faults.clear();
  studio.passTime(120_000);
});
afterAll(() => studio.close());

/** Only what time it is for this process: waiting stays real, and Postgres has a clock of its own. */
function moveClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs, shouldAdvanceTime: true });
}

/** Counts whether an expiry was taken for what it is by the clock of the database. */
function demand(what: string, seen: unknown, wanted: unknown): void {
  expiries += 1;
  if (seen !== wanted) wrong += 1;
  expect(seen, what).toBe(wanted);
}

async function begin(name: string): Promise<{ id: string; saga: string }> {
  const { id } = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name });
  acknowledged.push(id);
  const [row] = await studio.raw<{ id: string }>(`select s.id from sagas s join projects p on p.id = s.project_id where p.public_id = $1`, [id]);
  return { id, saga: row?.id ?? '' };
}

const carryOn = (saga: string, faults = noFaults) => runSaga(systemCtx(studio.ports, 'provisioning'), studio.organization.rowId, saga, { sagas, faults, backoff: () => 10 });

describe.each([['an hour ahead', hourMs], ['an hour behind', -hourMs]])('a process whose clock is %s', (_, byMs) => {
  it('gives no saga up that has time left, and does not try one for ever whose time is over', async () => {
    studio.appwrite.standIn.faults.add({ ...createPath, effect: { kind: 'server-error', as: 'json' }, times: 1 });
    const before = await begin(`Begun before ${byMs}`);
    moveClock(byMs);
    await carryOn(before.saga);
    demand('a saga with half an hour left', (await getProject(studio.owner.ctx, before.id)).status, 'ready');
    studio.appwrite.standIn.faults.add({ ...createPath, effect: { kind: 'server-error', as: 'json' } });
    const late = await begin(`Late ${byMs}`);
    await studio.raw(`update sagas set deadline_at = now() - interval '1 second' where id = $1`, [late.saga]);
    await carryOn(late.saga);
    demand('a saga whose time is over', (await getProject(studio.owner.ctx, late.id)).status, 'failed');
  });

  it('gives up what Appwrite left half made, and what is left of it is removed when the clock is right again', async () => {
    studio.appwrite.standIn.faults.add({ ...createPath, effect: { kind: 'die-mid-create', tables: 3 }, times: 1 });
    moveClock(byMs);
    const { id, saga } = await begin(`Half made ${byMs}`);
    await carryOn(saga, async (step, position) => {
      // As long as a project may take to become whole.
      if (step === 'health' && position === 'before') await studio.raw(`update saga_steps set started_at = started_at - interval '10 seconds' where saga_id = $1 and key = 'health'`, [saga]);
    });
    vi.useRealTimers();
    await studio.settle(async () => (await getProject(studio.owner.ctx, id)).status === 'ready');
    const attempts = await studio.raw('select from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1', [id]);
    expect(attempts).toHaveLength(2);
  });

  it('waits as long as it was asked to, neither an hour more nor not at all', async () => {
    moveClock(byMs);
    studio.appwrite.standIn.faults.add({ ...createPath, effect: { kind: 'rate-limit', retryAfterSeconds: 90 }, times: 1 });
    const { id, saga } = await begin(`Waits ${byMs}`);
    await carryOn(saga);
    const [due] = await studio.raw<{ job: number; step: number }>(
      `select extract(epoch from j.run_at - now())::float8 as job, extract(epoch from t.next_attempt_at - now())::float8 as step
         from graphile_worker._private_jobs j, saga_steps t where j.key = $1 and t.saga_id = $2 and t.key = 'create'`, [`saga:${saga}`, saga],
    );
    demand('the job that comes again', Math.round((due?.job ?? 0) / 10), 9);
    demand('the time that is shown', Math.round((due?.step ?? 0) / 10), 9);
    studio.passTime(90_000);
    await studio.settle(async () => (await getProject(studio.owner.ctx, id)).status === 'ready');
  });

  it('keeps sessions and keys that stand, and refuses those that do not', async () => {
    const { person } = { person: await studio.person() };
    const own = await studio.newOrganization(person, 'Clock');
    const { secret } = await createApiKey(person.ctx, own.id, { name: 'CI', scopes: ['organization:read'], expires_at: new Date(Date.now() + hourMs / 2).toISOString() });
    await studio.raw(`update user_sessions set expires_at = now() + interval '30 minutes' where id = $1`, [person.sessionId]);
    moveClock(byMs);
    const fresh = studio.ctx({ kind: 'anonymous' });
    demand('a session with half an hour left', (await authenticateSession(fresh, person.sessionToken)) !== null, true);
    demand('a key with half an hour left', (await authenticateApiKey(fresh, secret)) !== null, true);
    const other = await studio.person();
    await studio.raw(`update user_sessions set expires_at = now() - interval '1 second' where id = $1`, [other.sessionId]);
    demand('a session that has ended', await authenticateSession(fresh, other.sessionToken), null);
    vi.useRealTimers();
    const { secret: dead } = await createApiKey(person.ctx, own.id, { name: 'Old', scopes: ['organization:read'], expires_at: new Date(Date.now() + hourMs).toISOString() });
    await studio.raw(`update api_keys set expires_at = now() - interval '1 second' where name = 'Old'`);
    moveClock(byMs);
    demand('a key that has ended', await authenticateApiKey(fresh, dead), null);
  });

  it('counts five minutes since the password, and thirty days since a deletion, by the database', async () => {
    const { id } = await readyProject(studio, `Expires ${byMs}`);
    acknowledged.push(id);
    moveClock(byMs);
    for (const [minutes, answer] of [[4, 'ok'], [6, 'step_up_required']] as const) {
      await studio.raw(`update user_sessions set stepped_up_at = now() - $2 * interval '1 minute' where id = $1`, [studio.owner.sessionId, minutes]);
      demand(`a password given ${minutes} minutes ago`, await attempt(exportEnv(studio.owner.ctx, id)), answer);
    }
    await deleteProject(studio.owner.ctx, id, { confirm_name: `Expires ${byMs}` });
    await studio.drain();
    await studio.raw(`update projects set restorable_until = now() - interval '30 minutes' where public_id = $1`, [id]);
    demand('a deletion half an hour too old to take back', await attempt(restoreProject(studio.owner.ctx, id)), 'gone');
    await studio.raw(`update projects set restorable_until = now() + interval '30 minutes' where public_id = $1`, [id]);
    demand('a deletion that can be taken back for half an hour', await attempt(restoreProject(studio.owner.ctx, id)), 'ok');
    await studio.drain();
  });
});

it('no clock of a process decides what has expired', (context) => {
  figure(context, {
    requirements: ['F12'],
    what: 'Expiries judged by a process whose clock is an hour wrong: sessions, keys, sagas, pauses, the password given again, deletions',
    reached: `${wrong} of ${expiries} wrong`,
    bound: '0, of at least 20',
    pass: wrong === 0 && expiries >= 20,
  });
});

it('and nothing was lost or left over by it', async (context) => {
  const worker = await studio.worker();
  await rest({ ctx: studio.owner.ctx, raw: studio.raw, system: (job) => systemCtx(studio.ports, job) }, studio.organization.rowId);
  await worker.stop();
  const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const inspection = await inspect({ raw: studio.raw, admin }, acknowledged);
  expect.soft(violationsOf(inspection)).toEqual({});
  figure(context, {
    requirements: ['F12', 'P1'],
    what: 'Orphans on either side after projects were created, set up, given up, deleted and restored by processes whose clock was an hour wrong',
    reached: `${orphansOf(inspection)}; of ${inspection.acknowledged} acknowledged ${inspection.lost.length} lost, ${inspection.unhealthyReady.length} ready and not well`,
    bound: '0; 0 and 0 of at least 10',
    pass: isSound(inspection) && inspection.acknowledged >= 10,
  });
});
