import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Authority } from './authority-model';
import { step } from './authority-steps';

test('no sequence of changes gives a role that nobody above gave, or takes the last owner away', () => {
  const outcomes = new Map<string, number>();
  let sequences = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), (steps) => {
      const authority = new Authority();
      for (const each of steps) {
        const outcome = authority.apply(each);
        outcomes.set(`${each.verb} ${outcome}`, (outcomes.get(`${each.verb} ${outcome}`) ?? 0) + 1);
      }
      sequences += 1;
    }),
    { numRuns: 10_000 },
  );
  console.info(`authority: ${sequences} sequences, 0 broken rules; ${[...outcomes.values()].reduce((sum, count) => sum + count, 0)} steps`);
  // Sequences that are only refused would prove nothing.
  for (const each of ['invite allowed', 'accept allowed', 'changeRole allowed', 'changeRole conflict', 'remove allowed', 'leave conflict', 'changeRole forbidden', 'resend allowed']) {
    expect(outcomes.get(each), each).toBeGreaterThan(100);
  }
});
