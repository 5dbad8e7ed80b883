'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { reloadAll } from './store';

/** Listens to one organization: what changes elsewhere makes the data shown here be read again. */
export function Live({ organizationId }: { organizationId: string }) {
  const router = useRouter();
  useEffect(() => {
    const stop = new AbortController();
    // After the page is there: the data it came with is fresh, so its first script need not carry this.
    const listen = async () => {
      const { openLiveChannel } = await import('./live-channel');
      if (stop.signal.aborted) return;
      const close = openLiveChannel({
        organizationId,
        onEvent: ({ kind }) => {
          if (kind === 'saga' || kind === 'project') reloadAll('/projects');
          if (kind === 'organization') reloadAll('/organizations');
          if (kind === 'organization' || kind === 'access') router.refresh();
        },
      });
      stop.signal.addEventListener('abort', close, { once: true });
    };
    void listen();
    return () => stop.abort();
  }, [organizationId, router]);
  return null;
}
