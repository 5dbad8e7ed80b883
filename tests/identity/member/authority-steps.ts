import fc from 'fast-check';
import { everyRole, type Step } from './authority-model';

export const crowd = 5;

const person = fc.nat({ max: crowd - 1 });
/** Steps by those who can do something come more often, or most runs would only be refused. */
const actor = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: person });
const role = fc.constantFrom(...everyRole);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ verb: fc.constant('invite' as const), actor, target: person, role }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('accept' as const), actor: person }) },
  { weight: 5, arbitrary: fc.record({ verb: fc.constant('changeRole' as const), actor, target: person, role }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('remove' as const), actor, target: person }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constantFrom('resend' as const, 'revoke' as const), actor, target: person }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('leave' as const), actor: person }) },
);
