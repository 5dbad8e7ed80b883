'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useRemote } from '@/app/_live/use-remote';
import type { ProjectView } from '@/lib/projects/schemas';
import type { ProjectStatus } from '@/lib/projects/states';

/** Statuses that end by themselves, so the page must notice when they do. */
const passing: ReadonlySet<ProjectStatus> = new Set(['requested', 'provisioning', 'deleting', 'restoring', 'purging']);

/** Draws the page anew when the project's status is no longer the one it was drawn with. */
export function ProjectWatch({ projectId, status }: { projectId: string; status: ProjectStatus }) {
  const router = useRouter();
  // Events make this fresh at once; the slow beat is for a lost stream.
  const { data } = useRemote<ProjectView>({ path: passing.has(status) ? `/projects/${projectId}` : null, everyMs: 4000 });
  const now = data?.status;
  useEffect(() => {
    if (now !== undefined && now !== status) router.refresh();
  }, [now, status, router]);
  return null;
}
