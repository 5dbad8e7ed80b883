'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { apiGet } from '@/lib/http/client';
import type { Page } from '@/lib/kernel/page';

interface PagesAsked<Item> {
  key: readonly unknown[];
  /** Below `/api/v1`, query included. */
  path: string;
  /** What the server sent with the page; left out when it is asked for first here. */
  first?: Page<Item> | undefined;
  enabled?: boolean;
}

export interface Pages<Item> {
  rows: Item[];
  error: Error | null;
  /** Rows of an earlier question may still be shown. */
  loading: boolean;
  more: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  reload: () => Promise<unknown>;
}

/** A list that is read page by page with a cursor. */
export function usePages<Item>({ key, path, first, enabled = true }: PagesAsked<Item>): Pages<Item> {
  const query = useInfiniteQuery({
    queryKey: [...key],
    queryFn: ({ pageParam, signal }) => apiGet<Page<Item>>(withCursor(path, pageParam), signal),
    initialPageParam: startPage(),
    getNextPageParam: (page: Page<Item>) => page.next_cursor,
    placeholderData: (before) => before,
    enabled,
    ...(first === undefined ? {} : { initialData: { pages: [first], pageParams: [startPage()] } }),
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.data) ?? [],
    error: query.error,
    loading: query.isFetching && !query.isFetchingNextPage,
    more: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => query.refetch(),
  };
}

function withCursor(path: string, cursor: string | null): string {
  return cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
}

/** The parameter of a page is a cursor or, for the first, null; the return type says so. */
function startPage(): string | null {
  return null;
}
