import { ApiProblem } from '@/lib/http/client';
import { paths } from '@/lib/paths';

/**
 * The browser's memory of what the API answered, by key. Small on purpose: pages come with their data, so all that
 * is needed is to read again on news, once for everybody who shows the same thing.
 */
export interface Entry<Data> {
  data: Data | undefined;
  error: Error | null;
  loading: boolean;
}

/** Gets the data; `before` is what was known, so that a list can be read again as far as it was shown. */
export type Load<Data> = (signal: AbortSignal, before: Data | undefined) => Promise<Data>;

interface Slot<Data> {
  entry: Entry<Data>;
  listeners: Set<() => void>;
  /** The newest reader's way to get the data. */
  load: Load<Data> | null;
  running: AbortController | null;
  /** News arrived while reading: what comes may be old already. */
  again: boolean;
}

const slots = new Map<string, Slot<unknown>>();
const empty: Entry<never> = { data: undefined, error: null, loading: false };

/** Slots are written and read under the same key by the same hook, which fixes their type. */
function slotOf<Data>(key: string): Slot<Data> {
  const known = slots.get(key) as Slot<Data> | undefined;
  if (known !== undefined) return known;
  const made: Slot<Data> = { entry: empty, listeners: new Set(), load: null, running: null, again: false };
  slots.set(key, made as Slot<unknown>);
  return made;
}

export function entryOf<Data>(key: string): Entry<Data> {
  return typeof window === 'undefined' ? empty : slotOf<Data>(key).entry;
}

/** Calls back on every change of `key`. Data that nobody shows any more is forgotten. */
export function subscribe(key: string, listener: () => void): () => void {
  const slot = slotOf(key);
  slot.listeners.add(listener);
  return () => {
    slot.listeners.delete(listener);
    if (slot.listeners.size > 0) return;
    slot.running?.abort();
    if (slots.get(key) === slot) slots.delete(key);
  };
}

export function setLoad<Data>(key: string, load: Load<Data>): void {
  slotOf<Data>(key).load = load;
}

/** Puts in what the server sent with the page. */
export function seed<Data>(key: string, data: Data): void {
  const slot = slotOf<Data>(key);
  slot.running?.abort();
  slot.running = null;
  change(slot, { data, error: null, loading: false });
}

/** Reads `key` again, or once more when it is being read already. */
export async function reload(key: string): Promise<void> {
  const slot = slotOf(key);
  if (slot.load === null) return;
  if (slot.running !== null) {
    slot.again = true;
    return;
  }
  const running = new AbortController();
  slot.running = running;
  change(slot, { ...slot.entry, loading: true });
  try {
    const data = await slot.load(running.signal, slot.entry.data);
    if (!running.signal.aborted) change(slot, { data, error: null, loading: false });
  } catch (error) {
    if (!running.signal.aborted) fail(slot, error instanceof Error ? error : new Error(String(error)));
  }
  if (slot.running !== running) return;
  slot.running = null;
  if (slot.again) {
    slot.again = false;
    await reload(key);
  }
}

/** Reads everything again that is shown and whose key begins with `prefix`. */
export function reloadAll(prefix: string): void {
  for (const key of slots.keys()) {
    if (key.startsWith(prefix)) void reload(key);
  }
}

/** A session that has ended leads to sign-in, and back here afterwards. */
function fail<Data>(slot: Slot<Data>, error: Error): void {
  if (error instanceof ApiProblem && error.status === 401) window.location.assign(`${paths.signIn}?next=${encodeURIComponent(window.location.pathname)}`);
  change(slot, { ...slot.entry, error, loading: false });
}

function change<Data>(slot: Slot<Data>, entry: Entry<Data>): void {
  slot.entry = entry;
  for (const listener of slot.listeners) listener();
}
