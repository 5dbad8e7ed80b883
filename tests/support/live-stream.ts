import { z } from 'zod';
import { waitFor } from './wait-for';

export interface LiveEvent {
  id: string | undefined;
  event: string;
  data: unknown;
}

export interface LiveStream {
  status: number;
  /** Everything that arrived, oldest first. */
  events: LiveEvent[];
  /** True once the server has ended the stream. */
  ended(): boolean;
  until(what: string, found: (event: LiveEvent) => boolean, withinMs?: number): Promise<LiveEvent>;
  close(): void;
}

/** The steps of a saga as the stream tells them. */
export const SagaEvent = z.object({
  project_id: z.string(),
  saga: z.string(),
  kind: z.string(),
  step: z.object({ key: z.string(), name: z.string() }).nullable(),
});

export type SagaEvent = z.infer<typeof SagaEvent>;

/** Reads server-sent events as they come. */
export async function openLiveStream(url: string, headers: Record<string, string>): Promise<LiveStream> {
  const cut = new AbortController();
  const response = await fetch(url, { headers, signal: cut.signal });
  const events: LiveEvent[] = [];
  let ended = response.body === null;
  if (response.body !== null) {
    void read(response.body, events).finally(() => {
      ended = true;
    });
  }
  return {
    status: response.status,
    events,
    ended: () => ended,
    until: (what, found, withinMs = 15_000) => waitFor(() => events.find(found), { what, withinMs, everyMs: 10 }),
    close: () => cut.abort(),
  };
}

async function read(body: ReadableStream<Uint8Array>, events: LiveEvent[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parse(block);
        if (event !== undefined) events.push(event);
      }
    }
  } catch (error) {
    // A closed or cut stream ends the reading; what arrived before it stays.
    if (!(error instanceof Error)) throw error;
  }
}

function parse(block: string): LiveEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
  }
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const parsed: unknown = JSON.parse(data);
  return { id: fields.get('id'), event: fields.get('event') ?? 'message', data: parsed };
}
