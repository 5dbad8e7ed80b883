import { createEventParser, type LiveEvent } from './event-stream';

/** Connections are tried again after this, doubled each time up to the most. */
const firstWaitMs = 1000;
const mostWaitMs = 15_000;

interface Channel {
  organizationId: string;
  onEvent: (event: LiveEvent) => void;
}

/**
 * The live events of an organization. Browsers open few connections to a host, so of all tabs one holds the
 * stream (the one with the lock) and tells the others; when it closes, the next tab goes on from the last event.
 */
export function openLiveChannel({ organizationId, onEvent }: Channel): () => void {
  const stop = new AbortController();
  const name = `studio-live-${organizationId}`;
  const channel = new BroadcastChannel(name);
  let lastId = '';
  const hear = (event: LiveEvent) => {
    if (event.id !== '') lastId = event.id;
    onEvent(event);
  };
  channel.onmessage = ({ data }: MessageEvent<LiveEvent>) => hear(data);
  const lead = () =>
    follow(organizationId, stop.signal, () => lastId, (event) => {
      channel.postMessage(event);
      hear(event);
    });
  // On plain http there are no locks; then each tab has a stream of its own.
  const leading = 'locks' in navigator ? navigator.locks.request(name, { signal: stop.signal }, lead) : lead();
  leading.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return () => {
    stop.abort();
    channel.close();
  };
}

/** Keeps one stream open until it is stopped or the server says that there is no right to it. */
async function follow(organizationId: string, signal: AbortSignal, lastId: () => string, onEvent: (event: LiveEvent) => void): Promise<void> {
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    try {
      const response = await fetch(`/api/v1/events?organization_id=${organizationId}`, {
        signal,
        headers: { accept: 'text/event-stream', ...(lastId() === '' ? {} : { 'last-event-id': lastId() }) },
      });
      if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        onEvent({ id: '', kind: 'access', data: '{}' });
        return;
      }
      if (response.ok && response.body !== null) {
        waitMs = firstWaitMs;
        await read(response.body, createEventParser(onEvent));
      }
    } catch (error) {
      // A lost connection is expected here and is opened again below.
      if (signal.aborted) return;
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    }
    await pause(waitMs * (0.75 + Math.random() / 2), signal);
    waitMs = Math.min(waitMs * 2, mostWaitMs);
  }
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
