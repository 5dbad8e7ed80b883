import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from 'graphile-worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FaultInput } from '@/lib/local-cloud/appwrite/faults';
import { createProject } from '@/lib/projects/create-project';
import { testProjects, type TestProjects } from '../projects/support';
import { figure, scaled } from '../support/figure';

/** Whose projects they are: what only one of them meets is held against that one alone. */
const organizations = 2;
/** Everything that waits is made due so often, however long it wanted to wait: nothing but the gate keeps calls back. */
const everyMs = 100;
/** Calls that are under way together, and failures in a row that the gate takes for an outage: before it knows of one they have been sent. */
const [abreast, threshold] = [8, 5];
/** Of the gate; whoever waits longer waits in vain. */
const longestS = 1_000;

let studio: TestProjects;
const owners: { id: string; ctx: TestProjects['owner']['ctx'] }[] = [];
/** What one wish takes where nothing is wrong. */
let callsPerWish: number;

beforeAll(async () => {
  // A hung call costs its deadline, and eight creates at once take a second.
  studio = await testProjects({ deadlines: { readMs: 1_500, writeMs: 1_500, createMs: 2_000 } });
  for (let n = 0; n < organizations; n += 1) {
    const person = await studio.person();
    owners.push({ id: (await studio.newOrganization(person)).id, ctx: person.ctx });
  }
  await studio.raw(`update subscriptions set plan_key = 'scale'`);
  await studio.raw('update appwrite_instances set capacity = 100000');
  // The first time signs in and makes the teams.
  const calm = [{ faults: [], seconds: 0 }];
  await carryOut(organizations, calm);
  callsPerWish = (await carryOut(organizations, calm)).calls / organizations;
});
afterAll(() => studio?.close());

interface Phase {
  faults: readonly FaultInput[];
  /** Of the gate. */
  seconds: number;
}

interface CarriedOut {
  /** Requests that reached Appwrite. */
  calls: number;
  struck: number;
  /** Of the gate, since Appwrite was well again. */
  recoveryS: number;
}

/** Wants all projects at once and waits until they are there, whatever Appwrite does meanwhile. */
async function carryOut(wishes: number, phases: readonly Phase[]): Promise<CarriedOut> {
  const { faults } = studio.appwrite.standIn;
  faults.clearRequests();
  let seconds = 0;
  const letASecondPass = async () => {
    await sleep(everyMs);
    await studio.hurry();
    studio.passTime(1_000);
    seconds += 1;
  };
  for (let n = 0; n < wishes; n += 1) {
    const { id, ctx } = owners[n % organizations] ?? studio.owner;
    await createProject(ctx, { organization_id: id, name: `Wish ${n}`, hostname: 'budget.example.com' });
  }
  let worker: Runner | undefined;
  for (const phase of phases) {
    for (const fault of phase.faults) faults.add(fault);
    // A saga that waits long gives its worker to the next one.
    worker ??= await studio.worker({ backoff: () => 3_000 });
    for (const until = seconds + phase.seconds; seconds < until; ) await letASecondPass();
    faults.clear();
  }
  const healedAt = seconds;
  for (const until = seconds + longestS; await someWait(); await letASecondPass()) {
    if (seconds > until) throw new Error(`not all came true: ${JSON.stringify(await studio.raw(`select state, reason, count(*) from saga_steps where state not in ('done', 'skipped', 'waiting') group by 1, 2`))}`);
  }
  await worker?.stop();
  expect(await studio.raw(`select name from projects where status <> 'ready'`)).toEqual([]);
  const struck = faults.requests.filter(({ status }) => status === 0 || status >= 500).length;
  return { calls: faults.requests.length, struck, recoveryS: seconds - healedAt };
}

async function someWait(): Promise<boolean> {
  return (await studio.raw(`select from sagas where state in ('running', 'undoing') limit 1`)).length > 0;
}

// How far the budget of repeated calls reaches by itself is seen at the gate alone: here the breaker comes first.
it('an Appwrite that answers nothing, and then nothing but failures, is hardly asked more often than one that is well', { timeout: scaled(60_000, 600_000) }, async (context) => {
  const wishes = scaled(12, 200);
  const [hanging, failing] = [scaled(5, 100), scaled(40, 400)];
  const all = (effect: FaultInput['effect']) => [{ path: '/v1/**', effect }];
  const { calls, struck, recoveryS } = await carryOut(wishes, [{ faults: all({ kind: 'hang' }), seconds: hanging }, { faults: all({ kind: 'server-error', as: 'json' }), seconds: failing }]);
  const wanted = wishes * callsPerWish;
  const allowed = Math.floor(wanted * 1.1 + abreast + threshold);
  // The longest pause of the breaker, and some time for the work.
  const recoveredWithinS = 30 + wishes * 2;
  figure(context, {
    requirements: ['P7'],
    what: `Calls that reach an Appwrite that hangs for ${hanging} s and fails for ${failing} s, while ${wishes} sagas want it ${1_000 / everyMs} times a second`,
    reached: `${calls} for ${wanted} wanted (${(calls / wanted).toFixed(2)}), ${struck} of them failed; all came true ${recoveryS} s after it was well`,
    bound: `at most ${allowed}, which is 1.1 and ${abreast + threshold} before the outage is known; within ${recoveredWithinS} s`,
    pass: calls <= allowed && struck >= threshold && recoveryS <= recoveredWithinS,
  });
});
