import type { LiveEvent } from './event-stream';
import { followStream } from './follow-stream';

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

/** Follows until it is stopped or the server says that there is no right to it. */
async function follow(organizationId: string, signal: AbortSignal, lastId: () => string, onEvent: (event: LiveEvent) => void): Promise<void> {
  const refused = await followStream({ url: `/api/v1/events?organization_id=${organizationId}`, signal, lastId, onEvent });
  if (refused !== undefined) onEvent({ id: '', kind: 'access', data: '{}' });
}
