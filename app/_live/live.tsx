'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { openLiveChannel } from './live-channel';
import { reloadAll } from './store';

/** Listens to one organization: what changes elsewhere makes the data shown here be read again. */
export function Live({ organizationId }: { organizationId: string }) {
  const router = useRouter();
  useEffect(
    () =>
      openLiveChannel({
        organizationId,
        onEvent: ({ kind }) => {
          if (kind === 'saga' || kind === 'project') reloadAll('/projects');
          if (kind === 'organization') reloadAll('/organizations');
          if (kind === 'organization' || kind === 'access') router.refresh();
        },
      }),
    [organizationId, router],
  );
  return null;
}
