import { closeDatabase, openDatabase } from '@/db/platform/client';
import { createAppwriteAdmin } from '@/lib/adapters/appwrite/node-appwrite/admin';
import { connect } from '@/lib/adapters/appwrite/node-appwrite/connection';
import type { AppwriteInstances } from '@/lib/adapters/appwrite/port';
import type { Ports } from '@/lib/context';
import { platformAccount, type TestProjects } from '../../projects/support';
import { startFaultProxyFor, type FaultProxy } from '../../support/fault-proxy';

/** A way of its own to Postgres, which can be broken without the others noticing. */
export interface Lane {
  postgres: FaultProxy;
  /** Ports of a worker on this lane, with Appwrite at that address, behind a breaker of its own. */
  portsAt(appwriteEndpoint: string): Ports;
  close(): Promise<void>;
}

/** Longer than any answer here, shorter than anybody wants to wait for a hung server. */
export const lanePatienceMs = 1_000;

export async function openLane(studio: TestProjects): Promise<Lane> {
  const postgres = await startFaultProxyFor(studio.urls.appUrl);
  const { log, clock } = studio.ports;
  const database = openDatabase(postgres.through(studio.urls.appUrl), { max: 4, log, applicationName: 'studio-fault-lane', patienceMs: lanePatienceMs });
  let session: string | null = null;
  const store = { load: () => Promise.resolve(session), save: (opened: string) => Promise.resolve(void (session = opened)) };

  function instancesAt(endpoint: string): AppwriteInstances {
    const deadlines = { readMs: 700, writeMs: 700, createMs: 700 };
    const connection = connect({ endpoint, credentials: platformAccount, store, clock, log, deadlines });
    return { byId: (id) => Promise.resolve({ id, endpoint, publicEndpoint: endpoint, admin: (options) => createAppwriteAdmin(connection, options) }) };
  }

  return {
    postgres,
    portsAt: (endpoint) => ({ ...studio.ports, database, appwrite: instancesAt(endpoint) }),
    async close() {
      postgres.heal();
      await closeDatabase(database);
      await postgres.close();
    },
  };
}
