'use client';

import { useSyncExternalStore } from 'react';
import { exactUtc, relativeTime } from './time';

/** A relative time in the reader's words; the exact local and UTC times on hover, where scripts run. Renews itself every half minute. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useSyncExternalStore(subscribe, currentTick, serverTick);
  const title = now === null ? undefined : `${new Date(at).toLocaleString()} · ${exactUtc(at)}`;
  return (
    <time dateTime={at} title={title} className={className} suppressHydrationWarning>
      {relativeTime(at, now ?? Date.now())}
    </time>
  );
}

const everyMs = 30_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick: number | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // A time of just now must not lie ahead of a clock that was read half a minute ago.
  if (tick === null || Date.now() - tick > 1000) tick = Date.now();
  timer ??= setInterval(() => {
    tick = Date.now();
    for (const each of listeners) each();
  }, everyMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    tick = null;
  };
}

function currentTick(): number | null {
  return tick;
}

function serverTick(): number | null {
  return null;
}
