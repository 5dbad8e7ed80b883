'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { openLiveChannel } from './live-channel';

/** Listens to one organization: what changes elsewhere makes the data shown here be read again. */
export function Live({ organizationId }: { organizationId: string }) {
  const client = useQueryClient();
  const router = useRouter();
  useEffect(
    () =>
      openLiveChannel({
        organizationId,
        onEvent: ({ kind }) => {
          if (kind === 'saga') void client.invalidateQueries({ queryKey: ['provisioning'] });
          if (kind === 'project') {
            void client.invalidateQueries({ queryKey: ['projects', organizationId] });
            void client.invalidateQueries({ queryKey: ['project'] });
          }
          if (kind === 'organization' || kind === 'access') router.refresh();
        },
      }),
    [organizationId, client, router],
  );
  return null;
}
