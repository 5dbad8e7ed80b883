import { closeComposition, compose, contextFor } from '@/lib/composition';
import type { Ctx } from '@/lib/context';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';
import type { Person } from './data';

export interface InProcess {
  ctx(person: Person): Ctx;
  close(): Promise<void>;
}

/** The ports of a server in this process, to hear what its verbs ask of Postgres. */
export function openInProcess(environment: Record<string, string>): InProcess {
  const composition = compose(readEnv({ ...environment, LOG_LEVEL: 'silent' }), createLog('silent', 'server'), { poolSize: 1, applicationName: 'studio-bench' });
  return {
    ctx: ({ userId, sessionId, email }) => contextFor(composition, { actor: { kind: 'user', userId, sessionId, name: email }, ip: '192.0.2.7', userAgent: 'bench' }),
    close: () => closeComposition(composition),
  };
}
