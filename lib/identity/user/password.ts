import { AppError } from '@/lib/kernel/errors';
import { createLine, type Line } from '@/lib/kernel/line';
import { createHashThread } from './hash-thread';

/** argon2id (2 in the library's table) as OWASP asks for at the least: 19 MiB, two passes, one lane. About 12 ms on one core. */
const settings = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A hash that no password gives: verified when the account is unknown, so that both cases take as long. */
const dummyHash = '$argon2id$v=19$m=19456,t=2,p=1$c3R1ZGlvLWR1bW15LXNhbHQ$9C1qk0mDO0dZJv2nGm5rRy8k4w0oVqS5mT8vL3hX2aE';

/** Where the processor is busy already, sign-ins are not slowed twice. */
const longestRestMs = 25;

/** At most so many sign-ins go on at once: while one password is hashed, the account of the next is looked up. */
const signInsAtOnce = 2;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** `stored` null stands for an unknown account: takes as long and answers false. */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** True when the stored hash was made with weaker settings than today's. */
  outdated(stored: string): boolean;
  /** A whole sign-in in its turn: those who wait hold neither a connection nor rows until a password can be hashed. */
  signIn: Line;
}

/**
 * Hashes behind a bounded queue: one at a time, at low priority, and with a rest as long as the work before the next
 * one, so that a flood of sign-ins takes about half a processor and everybody else is served meanwhile. At most
 * `queueLength` wait; more are turned away at once with a time to come back.
 */
export function createPasswordHasher({ queueLength = 256 } = {}): PasswordHasher {
  const thread = createHashThread();
  const bounds = { length: queueLength, refuse: tooManyAtOnce };
  const inTurn = createLine({ ...bounds, places: 1, restMs: (workMs) => Math.min(workMs, longestRestMs) });

  return {
    hash: (password) => inTurn(() => thread.hash(password, settings)),
    async verify(stored, password) {
      const matches = await inTurn(() => thread.verify(stored ?? dummyHash, password));
      return stored !== null && matches;
    },
    outdated: (stored) => !stored.startsWith(`$argon2id$v=19$m=${settings.memoryCost},t=${settings.timeCost},p=${settings.parallelism}$`),
    signIn: createLine({ ...bounds, places: signInsAtOnce }),
  };
}

function tooManyAtOnce(): AppError {
  return new AppError('unavailable', 'Too many people are signing in at this moment. Try again in a few seconds.', { retryAfterSeconds: 6 });
}
