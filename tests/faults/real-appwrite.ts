import type pg from 'pg';
import { createAppwriteAdmin } from '@/lib/adapters/appwrite/node-appwrite/admin';
import { connect } from '@/lib/adapters/appwrite/node-appwrite/connection';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import { systemClock } from '@/lib/kernel/clock';
import type { TestStudio } from '../support/context';
import { withClient } from '../support/postgres';

const silent = () => undefined;

/** The platform account on the Appwrite of a running studio, past every fault on the studio's own way to it. */
export function adminAt(endpoint: string): AppwriteAdmin {
  return createAppwriteAdmin(
    connect({
      endpoint, credentials: { email: 'platform@studio.local', password: 'platform-password' }, clock: systemClock,
      store: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
      log: { debug: silent, info: silent, warn: silent, error: silent },
    }),
  );
}

/** Rows past every policy, each time over a connection of its own: the server may have died since the last. */
export function rawAt(ownerUrl: string): TestStudio['raw'] {
  return async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) => {
    const { rows } = await withClient(ownerUrl, (client) => client.query<Row>(text, values));
    return rows;
  };
}
