import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Log } from '@/lib/kernel/log';
import { createMailbox } from './mailbox';
import { createSmtpReceiver } from './smtp';
import { openMessageStore } from './store';

export interface MailStandInOptions {
  /** Where the messages are kept. */
  folder: string;
  log: Log;
  mode: 'local' | 'production';
}

export interface MailStandIn {
  /** Port 0 picks a free one. */
  listen(ports: { smtp: number; mailbox: number }): Promise<{ smtpUrl: string; mailboxUrl: string; close(): Promise<void> }>;
}

const HOST = '127.0.0.1';

/** A mail server for development: it keeps every message on disk and shows it in the browser. */
export async function createMailStandIn({ folder, log, mode }: MailStandInOptions): Promise<MailStandIn> {
  if (mode === 'production') {
    throw new Error('The local mailbox is a development stand-in and does not run in production; set SMTP_URL.');
  }
  const store = await openMessageStore(folder);

  return {
    async listen(ports) {
      const receiver = createSmtpReceiver(store, log);
      const pages = createAdaptorServer({ fetch: createMailbox(store).fetch });
      const smtpPort = await listening((done) => receiver.listen(ports.smtp, HOST, done), receiver.server);
      const mailboxPort = await listening((done) => pages.listen(ports.mailbox, HOST, done), pages);
      log.warn({}, 'mail goes to a local mailbox, a development stand-in: nothing is delivered');
      return {
        smtpUrl: `smtp://${HOST}:${smtpPort}`,
        mailboxUrl: `http://${HOST}:${mailboxPort}`,
        async close() {
          if ('closeAllConnections' in pages) pages.closeAllConnections();
          await Promise.all([
            new Promise<void>((resolve) => receiver.close(resolve)),
            new Promise<void>((resolve) => pages.close(() => resolve())),
          ]);
        },
      };
    },
  };
}

interface Listener {
  once(event: 'error', handler: (error: Error) => void): unknown;
  off(event: 'error', handler: (error: Error) => void): unknown;
  address(): AddressInfo | string | null;
}

function listening(listen: (done: () => void) => unknown, server: Listener): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    listen(() => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server listens on no port'));
      else resolve(address.port);
    });
  });
}
