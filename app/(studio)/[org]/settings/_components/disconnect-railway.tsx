'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { notify } from '@/app/_ui/notify';
import { apiDelete } from '@/lib/http/client';

export function DisconnectRailway({ organizationId, mayManage }: { organizationId: string; mayManage: boolean }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <AllowedButton kind="danger" reason={mayManage ? undefined : missingRight('railway:manage')} onClick={() => setAsking(true)}>
        Disconnect
      </AllowedButton>
      {asking && (
        <ConfirmDialog
          title="Disconnect Railway"
          action="Disconnect"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await apiDelete(`/organizations/${organizationId}/railway`);
            notify('success', { title: 'Railway is disconnected' });
            router.refresh();
          }}
        >
          <p>Studio forgets the token. Apps that run at Railway go on running there, but nothing can be deployed, rolled back or stopped from here until it is connected again.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
