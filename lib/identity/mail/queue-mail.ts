import { enqueue } from '@/db/platform/outbox';
import type { Tx } from '@/db/platform/client';
import type { Message } from '@/lib/adapters/mail/port';
import type { Ctx } from '@/lib/context';

const purpose = 'mail';

/** Queues a message in the transaction of the change that it tells of. Sealed, because links in it open accounts. */
export async function queueMail(ctx: Ctx, tx: Tx, message: Message): Promise<void> {
  await enqueue(tx, 'send-mail', { sealed: ctx.vault.sealPlatform(purpose, JSON.stringify(message)) });
}

export function openMail(vault: Ctx['vault'], sealed: string): Message {
  const message: Message = JSON.parse(vault.openPlatform(purpose, sealed));
  return message;
}
