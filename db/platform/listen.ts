import type { Log } from '@/lib/kernel/log';
import { noticeChannel, type Notice } from './notify';
import { standingConnection } from './standing-connection';

export interface Listener {
  close(): Promise<void>;
}

interface ListenOptions {
  log: Log;
  onNotice: (notice: Notice) => void;
  /** Called after every (re)connection: notices sent in between are lost, so listeners look for themselves. */
  onConnect: () => void;
}

/** Keeps one connection of its own on the notice channel. `url` must lead to Postgres itself. */
export function listen(url: string, { log, onNotice, onConnect }: ListenOptions): Listener {
  return standingConnection(url, {
    name: 'studio-listen',
    log,
    async onConnect(client) {
      client.on('notification', ({ payload }) => {
        const notice: Notice = JSON.parse(payload ?? '{}');
        onNotice(notice);
      });
      await client.query(`listen ${noticeChannel}`);
      onConnect();
    },
  });
}
