import pg from 'pg';
import type { Log } from '@/lib/kernel/log';
import { noticeChannel, type Notice } from './notify';

export interface Listener {
  close(): Promise<void>;
}

interface ListenOptions {
  log: Log;
  onNotice: (notice: Notice) => void;
  /** Called after every (re)connection: notices sent in between are lost, so listeners look for themselves. */
  onConnect: () => void;
}

/**
 * Keeps one connection of its own on the notice channel. `url` must lead to Postgres itself: a transaction
 * pooler hands the connection to others between transactions and loses the subscription.
 */
export function listen(url: string, { log, onNotice, onConnect }: ListenOptions): Listener {
  let client: pg.Client | null = null;
  let closed = false;
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const candidate = new pg.Client({ connectionString: url, application_name: 'studio-listen', keepAlive: true });
    candidate.on('error', (error) => log.warn({ err: error }, 'the notice connection was lost'));
    candidate.on('end', () => {
      if (client === candidate || client === null) again();
    });
    candidate.on('notification', ({ payload }) => {
      const notice: Notice = JSON.parse(payload ?? '{}');
      onNotice(notice);
    });
    try {
      await candidate.connect();
      await candidate.query(`listen ${noticeChannel}`);
      client = candidate;
      attempt = 0;
      onConnect();
    } catch (error) {
      log.warn({ err: error }, 'cannot listen for notices yet');
      await candidate.end().catch(() => undefined);
      if (client === null) again();
    }
  }

  function again(): void {
    client = null;
    if (closed || timer !== undefined) return;
    attempt += 1;
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, Math.min(100 * 2 ** attempt, 3_000));
  }

  void connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
