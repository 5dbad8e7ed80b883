'use client';

import { useCallback, useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import { apiGet } from '@/lib/http/client';
import { entryOf, reload, seed, setLoad, subscribe, type Entry, type Load } from './store';

interface RemoteAsked<Data> {
  /** The path below `/api/v1`, or null to ask for nothing yet. */
  path: string | null;
  /** What the server sent with the page; read only when it is missing. */
  initial?: Data | undefined;
  /** Read again this often, for when the stream of events is lost. */
  everyMs?: number | undefined;
  load?: Load<Data>;
}

/** What the API answers at `path`, kept fresh by events. */
export function useRemote<Data>({ path, initial, everyMs, load }: RemoteAsked<Data>): Entry<Data> & { reload: () => Promise<void> } {
  const key = path ?? '';
  const listen = useCallback((listener: () => void) => subscribe(key, listener), [key]);
  const snapshot = () => entryOf<Data>(key);
  const entry = useSyncExternalStore(listen, snapshot, snapshot);
  const seeded = useRef<Data>(undefined);
  const begin = useEffectEvent(() => {
    setLoad<Data>(key, load ?? ((signal) => apiGet<Data>(key, signal)));
    if (initial !== undefined) seed(key, initial);
    // What was used once already may be old by now; so may nothing at all.
    if (initial === undefined ? entryOf(key).data === undefined : seeded.current === initial) void reload(key);
    seeded.current = initial;
  });
  useEffect(() => {
    if (key !== '') begin();
  }, [key, initial]);
  useEffect(() => {
    if (key === '' || everyMs === undefined) return;
    const timer = setInterval(() => void reload(key), everyMs);
    return () => clearInterval(timer);
  }, [key, everyMs]);
  return { ...entry, data: entry.data ?? initial, reload: () => reload(key) };
}
