'use client';

import { useRef, useState } from 'react';
import { apiGet } from '@/lib/http/client';
import type { Page } from '@/lib/kernel/page';
import { useRemote } from './use-remote';

interface PagesAsked<Item> {
  /** Below `/api/v1`, query included. */
  path: string;
  /** What the server sent with the page; left out when it is asked for first here. */
  first?: Page<Item> | undefined;
  /** Read again this often, for when the stream of events is lost. */
  everyMs?: number | undefined;
}

export interface Pages<Item> {
  rows: Item[];
  error: Error | null;
  /** Rows of an earlier question may still be shown. */
  loading: boolean;
  more: boolean;
  loadMore: () => void;
  reload: () => Promise<void>;
}

/** A list that is read page by page with a cursor; news make it be read again as far as it is shown. */
export function usePages<Item>({ path, first, everyMs }: PagesAsked<Item>): Pages<Item> {
  const depth = useRef({ path, pages: 1 });
  const [shown, setShown] = useState(first);
  const list = useRemote<Page<Item>>({
    path,
    initial: first,
    everyMs,
    load: (signal) => readPages<Item>(path, depth.current.path === path ? depth.current.pages : 1, signal),
  });
  // While another question is answered, the rows of the last one stay: the page does not jump.
  if (list.data !== undefined && list.data !== shown) setShown(list.data);
  const page = list.data ?? shown;
  return {
    rows: page?.data ?? [],
    error: list.error,
    loading: list.loading || list.data === undefined,
    more: page !== undefined && page.next_cursor !== null,
    loadMore: () => {
      depth.current = { path, pages: depth.current.path === path ? depth.current.pages + 1 : 2 };
      void list.reload();
    },
    reload: list.reload,
  };
}

/** The first `count` pages as one, each from where the one before ends. */
async function readPages<Item>(path: string, count: number, signal: AbortSignal): Promise<Page<Item>> {
  const all: Page<Item> = { data: [], next_cursor: null };
  for (let at = 0; at < count; at += 1) {
    const page = await apiGet<Partial<Page<Item>>>(withCursor(path, all.next_cursor), signal);
    all.data.push(...(page.data ?? []));
    all.next_cursor = page.next_cursor ?? null;
    if (all.next_cursor === null) break;
  }
  return all;
}

function withCursor(path: string, cursor: string | null): string {
  return cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
}
