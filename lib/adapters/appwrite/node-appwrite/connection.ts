import type { Clock } from '@/lib/kernel/clock';
import type { Log } from '@/lib/kernel/log';
import type { Gate, GatedCall } from '../../gate';
import { AppwriteError } from '../port';
import { DeadlineClient } from './client';
import { createGate } from './gate';
import { createPlatformSession, type PlatformCredentials, type SessionStore } from './session';
import { read, version as versionShape } from './shapes';
import { createWaits } from './waits';

/** How long each kind of call may take. A create at full load takes seconds and is worth waiting for. */
export interface Deadlines {
  readMs: number;
  writeMs: number;
  createMs: number;
}

export interface ConnectionOptions {
  /** Ends in `/v1`. */
  endpoint: string;
  credentials: PlatformCredentials;
  store: SessionStore;
  clock: Clock;
  log: Log;
  deadlines?: Partial<Deadlines>;
  gate?: Gate;
}

type Reach = { organization: string } | { project: string } | 'console';

/** Calls to one instance: behind its gate, on a version that is known, as the console account. */
export interface Connection {
  call<Result>(
    options: GatedCall & { reach: Reach; deadline: keyof Deadlines },
    work: (client: DeadlineClient) => Promise<Result>,
  ): Promise<Result>;
  version(): Promise<string>;
}

const standardDeadlines: Deadlines = { readMs: 5_000, writeMs: 10_000, createMs: 25_000 };
const versionMaxAgeMs = 5 * 60_000;

export function connect({ endpoint, credentials, store, clock, log, deadlines, gate = createGate({ clock }) }: ConnectionOptions): Connection {
  const limits = { ...standardDeadlines, ...deadlines };
  const session = createPlatformSession({ endpoint, credentials, store, deadlineMs: limits.writeMs, clock, log });
  const waits = createWaits(clock);
  let known: { version: string; readAtMs: number } | null = null;

  async function supportedVersion(): Promise<string> {
    if (known !== null && clock.monotonicMs() - known.readAtMs < versionMaxAgeMs) return known.version;
    const client = new DeadlineClient(endpoint, limits.readMs);
    const { version } = read(versionShape, await client.call('get', new URL(`${endpoint}/health/version`)));
    // Key routes move in 2.x, and what is older or newer was never recorded.
    if (!/^1\.9\.\d+/.test(version)) throw new AppwriteError({ kind: 'unsupported', found: version });
    known = { version, readAtMs: clock.monotonicMs() };
    return version;
  }

  return {
    version: () => gate.run({ retrying: false }, supportedVersion),
    call: ({ reach, deadline, ...gated }, work) =>
      gate.run(gated, async () => {
        await supportedVersion();
        return session.use((value) => work(reachInto(new DeadlineClient(endpoint, limits[deadline], waits).setSession(value), reach)));
      }),
  };
}

function reachInto(client: DeadlineClient, reach: Reach): DeadlineClient {
  if (reach === 'console') return client.setProject('console');
  if ('organization' in reach) return client.setProject('console').addHeader('X-Appwrite-Organization', reach.organization);
  return client.setProject(reach.project).addHeader('X-Appwrite-Mode', 'admin');
}
