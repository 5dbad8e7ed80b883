import { buffer } from 'node:stream/consumers';
import PostalMime, { type Address } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { Log } from '@/lib/kernel/log';
import type { MessageStore, NewMessage } from './store';

const MAX_BYTES = 5_000_000;

/** Accepts every message for every recipient, from this machine only, and delivers none of them. */
export function createSmtpReceiver(store: MessageStore, log: Log): SMTPServer {
  const server = new SMTPServer({
    banner: 'Studio local mailbox',
    authOptional: true,
    // Nothing leaves the machine, so there is nothing to encrypt and no account to check.
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAX_BYTES,
    logger: false,
    onData(stream, session, callback) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      buffer(stream)
        .then(async (raw) => {
          if (stream.sizeExceeded) throw tooLarge();
          const message = await store.add(await read(raw, recipients));
          log.info({ message_id: message.id, recipients: recipients.length }, 'mail received');
          callback(null, `kept as ${message.id}`);
        })
        .catch((error: unknown) => {
          log.warn({ err: error }, 'mail refused');
          callback(error instanceof Error ? error : new Error('the message could not be kept'));
        });
    },
  });
  // A peer that hangs up in the middle of a sentence is no reason to end the process.
  server.on('error', (error) => log.warn({ err: error }, 'smtp connection failed'));
  return server;
}

async function read(raw: Buffer, recipients: string[]): Promise<NewMessage> {
  const email = await PostalMime.parse(raw);
  return {
    from: email.from ? formatAddress(email.from) : '',
    to: recipients,
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? null,
    attachments: email.attachments.map((attachment) => attachment.filename ?? attachment.mimeType),
  };
}

function formatAddress({ name, address }: Address): string {
  if (address === undefined) return name;
  return name === '' ? address : `${name} <${address}>`;
}

function tooLarge(): Error {
  return Object.assign(new Error(`a message may have ${MAX_BYTES} bytes`), { responseCode: 552 });
}
