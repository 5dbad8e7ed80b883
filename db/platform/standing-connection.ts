import pg from 'pg';
import type { Log } from '@/lib/kernel/log';

/** A host that accepts and says nothing, or a line that is cut, must not be waited for without end. */
const patience = { connectionTimeoutMillis: 5_000, query_timeout: 5_000, keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

interface StandingOptions {
  /** As Postgres shows it in `pg_stat_activity`. */
  name: string;
  log: Log;
  /** Called after every (re)connection, to set up what the session holds. When it throws, the connection is made anew. */
  onConnect: (client: pg.Client) => Promise<void>;
}

export interface StandingConnection {
  /** Null while there is none. */
  client(): pg.Client | null;
  /** Gives up a connection that does not answer any more. */
  renew(): void;
  close(): Promise<void>;
}

/**
 * One connection of its own that is made anew whenever it is lost, for what lives in a session. `url` must lead to
 * Postgres itself: a transaction pooler hands the connection to others between transactions.
 */
export function standingConnection(url: string, { name, log, onConnect }: StandingOptions): StandingConnection {
  let current: pg.Client | null = null;
  let closed = false;
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const candidate = new pg.Client({ connectionString: url, application_name: name, ...patience });
    candidate.on('error', (error) => log.warn({ err: error, connection: name }, 'a standing connection was lost'));
    candidate.on('end', () => {
      if (current === candidate || current === null) again();
    });
    try {
      await candidate.connect();
      await onConnect(candidate);
      current = candidate;
      attempt = 0;
    } catch (error) {
      log.warn({ err: error, connection: name }, 'a standing connection cannot be made yet');
      await candidate.end().catch(() => undefined);
      if (current === null) again();
    }
  }

  function again(): void {
    current = null;
    if (closed || timer !== undefined) return;
    attempt += 1;
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, Math.min(100 * 2 ** attempt, 3_000));
  }

  void connect();
  return {
    client: () => current,
    renew: () => void current?.end().catch(() => undefined),
    async close() {
      closed = true;
      clearTimeout(timer);
      await current?.end();
    },
  };
}
