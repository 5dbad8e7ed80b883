import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const MAX_MESSAGES = 200;

const StoredMessage = z.object({
  id: z.string(),
  received_at: z.string(),
  from: z.string(),
  /** Addresses of the envelope: who really got it, blind copies included. */
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  attachments: z.array(z.string()),
});

export type StoredMessage = z.infer<typeof StoredMessage>;
export type NewMessage = Omit<StoredMessage, 'id' | 'received_at'>;

export interface MessageStore {
  add(message: NewMessage): Promise<StoredMessage>;
  /** Newest first; `to` narrows to one recipient, ignoring case. */
  list(to?: string): StoredMessage[];
  find(id: string): StoredMessage | undefined;
  clear(): Promise<void>;
}

/** Messages of a folder, at most 200: the oldest give way. */
export async function openMessageStore(folder: string): Promise<MessageStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const messages = await load(folder);
  const fileOf = (id: string) => path.join(folder, `${id}.json`);

  return {
    async add(fields) {
      const message = { id: newId(), received_at: new Date().toISOString(), ...fields };
      await writeFile(`${fileOf(message.id)}.new`, JSON.stringify(message), { mode: 0o600 });
      await rename(`${fileOf(message.id)}.new`, fileOf(message.id));
      messages.unshift(message);
      for (const old of messages.splice(MAX_MESSAGES)) await rm(fileOf(old.id), { force: true });
      return message;
    },
    list(to) {
      if (to === undefined) return [...messages];
      const wanted = to.toLowerCase();
      return messages.filter((message) => message.to.some((address) => address.toLowerCase() === wanted));
    },
    find: (id) => messages.find((message) => message.id === id),
    async clear() {
      for (const { id } of messages.splice(0)) await rm(fileOf(id), { force: true });
    },
  };
}

async function load(folder: string): Promise<StoredMessage[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort().reverse();
  const messages: StoredMessage[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    if (messages.length === MAX_MESSAGES) await rm(file, { force: true });
    else messages.push(StoredMessage.parse(JSON.parse(await readFile(file, 'utf8'))));
  }
  return messages;
}

let lastTime = 0;

/** Sorts by arrival as text, even for two messages of one millisecond. */
function newId(): string {
  lastTime = Math.max(Date.now(), lastTime + 1);
  return `${lastTime.toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`;
}
