import { LRUCache } from 'lru-cache';
import type { AppwriteInstance, AppwriteInstances } from '@/lib/adapters/appwrite/port';
import { createAppwriteAdmin } from '@/lib/adapters/appwrite/node-appwrite/admin';
import { connect, type Connection, type Deadlines } from '@/lib/adapters/appwrite/node-appwrite/connection';
import type { PlatformCredentials, SessionStore } from '@/lib/adapters/appwrite/node-appwrite/session';
import type { Ports } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { AppError } from '@/lib/kernel/errors';
import { newUuid } from '@/lib/kernel/ids';

type Needs = Pick<Ports, 'database' | 'vault' | 'log' | 'clock'>;

interface InstanceOptions extends Needs {
  /** The platform account; without it every call fails as unavailable. */
  credentials: PlatformCredentials | null;
  deadlines?: Partial<Deadlines>;
}

interface InstanceRow {
  id: string;
  endpoint: string;
  public_endpoint: string;
}

/** An operator's change of an address is seen after this long. */
const rowMaxAgeMs = 60_000;

/** Appwrite servers by their row, each behind one connection (breaker, budget, session) of this process. */
export function createAppwriteInstances({ credentials, deadlines = {}, ...ports }: InstanceOptions): AppwriteInstances {
  const rows = new LRUCache<string, InstanceRow>({ max: 1_000, ttl: rowMaxAgeMs });
  const connections = new Map<string, Connection>();

  async function rowOf(id: string): Promise<InstanceRow> {
    const known = rows.get(id);
    if (known !== undefined) return known;
    const [row] = await asSystem({ ...ports, requestId: newUuid() }, 'placement', (tx) =>
      tx.query<InstanceRow>('select id, endpoint, public_endpoint from appwrite_instances where id = $1', [id]),
    );
    if (row === undefined) throw new Error(`there is no Appwrite instance ${id}`);
    rows.set(id, row);
    return row;
  }

  function connectionTo({ id, endpoint }: InstanceRow): Connection {
    const key = `${id} ${endpoint}`;
    const known = connections.get(key);
    if (known !== undefined) return known;
    if (credentials === null) throw new AppError('unavailable', 'No Appwrite platform account is configured. Ask the operator of this Studio.');
    const { clock, log } = ports;
    const made = connect({ endpoint, credentials, store: sealedSession(ports, id), clock, log, deadlines });
    connections.set(key, made);
    return made;
  }

  return {
    async byId(id) {
      const row = await rowOf(id);
      return instanceOf(row, () => connectionTo(row));
    },
  };
}

/** Connected on first use: reading an address needs no platform account. */
function instanceOf({ id, endpoint, public_endpoint: publicEndpoint }: InstanceRow, connection: () => Connection): AppwriteInstance {
  return { id, endpoint, publicEndpoint, admin: (options) => createAppwriteAdmin(connection(), options) };
}

/** What authenticates a stored session. */
export function sessionPurpose(instanceId: string): string {
  return `appwrite_instances|${instanceId}|sealed_session`;
}

/** The console session, sealed in the instance's row, so that processes share one and restarts need no sign-in. */
function sealedSession(ports: Needs, instanceId: string): SessionStore {
  const purpose = sessionPurpose(instanceId);
  const system = () => ({ ...ports, requestId: newUuid() });

  /** A session that no longer opens, because its key is gone, is as good as none: the next call signs in again. */
  function opened(sealed: string): string | null {
    try {
      return ports.vault.openPlatform(purpose, sealed);
    } catch (error) {
      ports.log.warn({ err: error, instance: instanceId }, 'the stored Appwrite session cannot be opened; signing in again');
      return null;
    }
  }

  return {
    async load() {
      const [row] = await asSystem(system(), 'placement', (tx) =>
        tx.query<{ sealed_session: string | null }>('select sealed_session from appwrite_instances where id = $1', [instanceId]),
      );
      return row?.sealed_session == null ? null : opened(row.sealed_session);
    },
    async save(session) {
      const sealed = ports.vault.sealPlatform(purpose, session);
      await asSystem(system(), 'placement', (tx) => tx.query('update appwrite_instances set sealed_session = $2 where id = $1', [instanceId, sealed]));
    },
  };
}
