'use client';

import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { apiGet } from '@/lib/http/client';
import type { ProjectPage } from '@/lib/projects/schemas';
import type { StatusFilter } from './project-filters';

interface ProjectsAsked {
  organizationId: string;
  words: string;
  status: StatusFilter;
  first: ProjectPage;
}

export type Projects = UseInfiniteQueryResult<InfiniteData<ProjectPage, string | null>>;

/** The list in pages; without a filter it starts from what the server sent and is read again on news. */
export function useProjects({ organizationId, words, status, first }: ProjectsAsked): Projects {
  const plain = words === '' && status === '';
  return useInfiniteQuery({
    queryKey: ['projects', organizationId, 'list', words, status],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ organization_id: organizationId });
      if (words !== '') query.set('q', words);
      if (status !== '') query.set('status', status);
      if (pageParam !== null) query.set('cursor', pageParam);
      return apiGet<ProjectPage>(`/projects?${query}`, signal);
    },
    initialPageParam: startPage(),
    getNextPageParam: (page: ProjectPage) => page.next_cursor,
    placeholderData: (before) => before,
    ...(plain ? { initialData: { pages: [first], pageParams: [startPage()] } } : {}),
  });
}

/** The page parameter is a cursor or, for the first page, null; the return type says so. */
function startPage(): string | null {
  return null;
}
