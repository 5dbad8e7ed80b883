import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn } from '@/lib/identity/session/sign-in';
import { newUuid } from '@/lib/kernel/ids';
import { testApi, type Answered } from '../support/api';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { figure, proof, scaled } from '../support/figure';
import { password } from '../support/visitor';
import { judgeTimes, type Judged } from './statistics';

/** Of each kind, how many addresses are compared byte by byte, and how many times a known and an unknown one are timed. */
const pairs = scaled(2, 40);
const timed = scaled(12, 500);
/** What a floor that holds may still differ by, in the middle of all requests. A test run shares its machine: there it is a third of a hash, so that one too many is seen. */
let boundMs = 1;

let studio: TestStudio;
let ask: ReturnType<typeof testApi>;
let owner: Person;
let acme: Awaited<ReturnType<TestStudio['organization']>>;
let passwordHash: string;
beforeAll(async () => {
  studio = await testStudio({ attemptLimitFactor: 100_000 });
  ask = testApi(studio);
  owner = await studio.person();
  acme = await studio.organization(owner);
  await studio.raw(`update subscriptions set plan_key = 'scale' where organization_id = $1`, [acme.rowId]);
  passwordHash = await owner.ctx.passwords.hash(password);
  if (!proof.whole) boundMs = (await timeOfHash()) / 3;
});
afterAll(() => studio.close());

/** In ms, the shortest of some: the others waited for the machine too. */
async function timeOfHash(): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const startedMs = performance.now();
    await owner.ctx.passwords.verify(passwordHash, 'not this one at all');
    times.push(performance.now() - startedMs);
  }
  return Math.min(...times);
}

/** All of one length, so that it tells nothing either. */
const nobody = (): Promise<string> => Promise.resolve(`${newUuid()}@example.com`);

async function confirmed(): Promise<string> {
  const { id, email } = await studio.person({ email: await nobody() });
  await studio.raw('insert into user_credentials (user_id, password_hash) values ($1, $2)', [id, passwordHash]);
  return email;
}

async function unconfirmed(): Promise<string> {
  const { email } = await studio.person({ email: await nobody(), verified: false });
  return email;
}

async function disabled(): Promise<string> {
  const email = await confirmed();
  await studio.raw('update users set disabled_at = now() where email = $1', [email]);
  return email;
}

interface Kind {
  name: string;
  /** Answers no earlier than its floor, so that time tells nothing. */
  floored: boolean;
  ask: (email: string) => Promise<Answered>;
  known: readonly (() => Promise<string>)[];
}

const post = (path: string, body: object) => (email: string) => ask('POST', `/api/v1${path}`, { body: { email, ...body } });

const kinds: readonly Kind[] = [
  { name: 'register', floored: true, ask: post('/auth/register', { password, first_name: 'Ada', last_name: 'Tester' }), known: [confirmed, unconfirmed, disabled] },
  { name: 'sign in with a wrong password', floored: true, ask: post('/auth/login', { password: 'not this one at all' }), known: [confirmed, unconfirmed, disabled] },
  { name: 'ask for a new password', floored: true, ask: post('/auth/forgot-password', {}), known: [confirmed, unconfirmed, disabled] },
  { name: 'ask for the letter again', floored: true, ask: post('/auth/resend-verification', {}), known: [confirmed, unconfirmed, disabled] },
  { name: 'invite', floored: false, ask: (email) => ask('POST', `/api/v1/organizations/${acme.id}/invitations`, { as: owner, body: { email, role: 'viewer' } }), known: [confirmed, unconfirmed, disabled] },
];

/** The whole answer but for what is random or a time in each. */
function bytesOf({ status, headers, text }: Answered): string {
  const shown = [...headers].map(([name, value]) => `${name}: ${/^(x-request-id|ratelimit|set-cookie)$/.test(name) ? value.replaceAll(/[\w-]{36,43}|\d+/g, '…') : value}`);
  return [status, ...shown, text.replaceAll(/[\da-f]{8}-[\da-f-]{27}|inv_\w{26}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')].join('\n');
}

/** In the middle of the quietest round. */
function apartMs({ rounds }: Judged): number {
  return Math.min(...rounds.map(({ medianDifference }) => Math.abs(medianDifference)));
}

function told({ rounds }: Judged): string {
  return rounds.map(({ p, medianDifference }) => `medians ${medianDifference.toFixed(2)} ms apart, Mann–Whitney p = ${p < 0.001 ? p.toExponential(0) : p.toFixed(3)}`).join(', then ');
}

describe('A11: whether an address is known does not show', () => {
  test.for(kinds)('in the bytes: $name', { timeout: scaled(60_000, 600_000) }, async ({ name, ask: send, known }, context) => {
    const seen = new Set<string>();
    let compared = 0;
    for (let round = 0; round < pairs; round += 1) {
      for (const make of [nobody, ...known]) {
        seen.add(bytesOf(await send(await make())));
        compared += 1;
      }
    }
    figure(context, { requirements: ['A11'], what: `To ${name}: answers for unknown, confirmed, unconfirmed and disabled addresses`, reached: `${seen.size - 1} differ of ${compared}`, bound: '0', pass: seen.size === 1 });
  });

  test.for(kinds)('in the time: $name', { timeout: scaled(120_000, 1_800_000) }, async ({ name, ask: send, floored }, context) => {
    // The first of all is slower: it plans its statements.
    for (let round = 0; round < 5; round += 1) await send(await nobody());
    let early = 0;
    let rounds = 0;
    const judged = await judgeTimes(async () => {
      rounds += 1;
      const order = fc.sample(fc.boolean(), { seed: proof.seed + rounds, numRuns: timed });
      const [unknown, known]: [number[], number[]] = [[], []];
      for (const knownFirst of order) {
        const [stranger, account] = [await nobody(), await confirmed()];
        for (const isKnown of [knownFirst, !knownFirst]) {
          const startedMs = performance.now();
          await send(isKnown ? account : stranger);
          (isKnown ? known : unknown).push(performance.now() - startedMs);
        }
      }
      if (floored) early += [...unknown, ...known].filter((ms) => ms < 200).length;
      return [unknown, known];
    }, boundMs);
    figure(context, {
      requirements: ['A11'],
      what: `To ${name}: time for unknown and known addresses, 2 × ${timed}`,
      reached: `${told(judged)}, ${early} before the floor`,
      bound: `p > 0.01 and at most ${boundMs.toFixed(1)} ms apart, or p > 0.05 and so in one of two rounds more${floored ? ', none before the floor' : ''}`,
      pass: early === 0 && !judged.differ,
    });
  });

  test('the test can see: a sign-in without a floor that hashes for known addresses only', { timeout: scaled(60_000, 600_000) }, async (context) => {
    const guest = studio.ctx({ kind: 'anonymous' });
    const { passwords } = guest;
    const hasty = { ...guest, passwords: { ...passwords, verify: (stored: string | null, text: string) => (stored === null ? Promise.resolve(false) : passwords.verify(stored, text)) } };
    const account = await confirmed();
    const judged = await judgeTimes(async () => {
      const [unknown, known]: [number[], number[]] = [[], []];
      for (let round = 0; round < timed; round += 1) {
        for (const [email, times] of [[await nobody(), unknown], [account, known]] as const) {
          const startedMs = performance.now();
          await expect(signIn(hasty, { email, password: 'not this one at all' })).rejects.toThrow('wrong');
          times.push(performance.now() - startedMs);
        }
      }
      return [unknown, known];
    });
    figure(context, { requirements: ['A11'], what: 'Control: a sign-in that hashes for known addresses only', reached: told(judged), bound: `p ≤ 0.01, ≤ 0.05 in two rounds more, and more than ${boundMs.toFixed(1)} ms apart`, pass: judged.differ && apartMs(judged) > boundMs });
  });
});
