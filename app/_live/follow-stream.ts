import { createEventParser, type LiveEvent } from './event-stream';

/** Connections are tried again after this, doubled each time up to the most. */
const firstWaitMs = 1000;
const mostWaitMs = 15_000;

interface Followed {
  /** The address on this server. */
  url: string;
  signal: AbortSignal;
  /** The id of the last event that was heard, from which a new connection goes on; empty for none. */
  lastId: () => string;
  onEvent: (event: LiveEvent) => void;
  onOpen?: () => void;
  onLost?: () => void;
}

/**
 * Keeps one stream of events open until it is stopped.
 * @returns the status with which the server refused it for good; undefined when it was stopped
 */
export async function followStream({ url, signal, lastId, onEvent, onOpen, onLost }: Followed): Promise<number | undefined> {
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    try {
      const response = await fetch(url, {
        signal,
        headers: { accept: 'text/event-stream', ...(lastId() === '' ? {} : { 'last-event-id': lastId() }) },
      });
      if (response.status >= 400 && response.status < 500 && response.status !== 429) return response.status;
      if (response.ok && response.body !== null) {
        waitMs = firstWaitMs;
        onOpen?.();
        await read(response.body, createEventParser(onEvent));
      }
    } catch (error) {
      // A lost connection is expected here and is opened again below.
      if (signal.aborted) return undefined;
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    }
    if (signal.aborted) return undefined;
    onLost?.();
    await pause(waitMs * (0.75 + Math.random() / 2), signal);
    waitMs = Math.min(waitMs * 2, mostWaitMs);
  }
  return undefined;
}

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>, feed: (text: string) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    feed(value);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
