import { z } from 'zod';
import { waitFor } from './wait-for';

const Message = z.object({
  id: z.string(),
  received_at: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
});

export type Message = z.infer<typeof Message>;

/** Reads what the local mailbox received. */
export function mailboxAt(url: string) {
  async function list(to: string): Promise<Message[]> {
    const response = await fetch(new URL(`/api/messages?to=${encodeURIComponent(to)}`, url));
    return z.object({ data: z.array(Message) }).parse(await response.json()).data;
  }

  return {
    list,
    /** The newest message to an address whose subject matches, once it is there. */
    waitForMessage: (to: string, subject: RegExp, withinMs = 15_000): Promise<Message> =>
      waitFor(async () => (await list(to)).find((message) => subject.test(message.subject)), {
        what: `a message to ${to} with a subject like ${subject}`,
        withinMs,
        everyMs: 100,
      }),
  };
}

/** The first web address in the text of a message. */
export function linkIn(message: Message): string {
  const link = /https?:\/\/\S+/.exec(message.text)?.[0];
  if (link === undefined) throw new Error(`no link in the message "${message.subject}"`);
  return link;
}
