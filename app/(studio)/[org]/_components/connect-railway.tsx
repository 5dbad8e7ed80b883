'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import type { ButtonKind } from '@/app/_ui/button';
import { Icon } from '@/app/_ui/icon';
import { onDemand } from '@/app/_ui/on-demand';

const ConnectRailwayDialog = onDemand(async () => (await import('./connect-railway-dialog')).ConnectRailwayDialog);

export interface ConnectRailwayAsked {
  organizationId: string;
  localAvailable: boolean;
  mayManage: boolean;
}

interface ConnectRailwayProps extends ConnectRailwayAsked {
  kind?: ButtonKind;
  children: string;
}

/** The button that opens the way to Railway, wherever a page needs it. */
export function ConnectRailway({ organizationId, localAvailable, mayManage, kind = 'primary', children }: ConnectRailwayProps) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <>
      <AllowedButton kind={kind} reason={mayManage ? undefined : missingRight('railway:manage')} icon={<Icon name="plug" />} onClick={() => setOpen(true)}>
        {children}
      </AllowedButton>
      {open && (
        <ConnectRailwayDialog
          organizationId={organizationId}
          localAvailable={localAvailable}
          onClose={() => setOpen(false)}
          onConnected={() => {
            setOpen(false);
            router.refresh();
          }}
        />
      )}
    </>
  );
}
