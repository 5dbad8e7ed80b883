'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { Button } from '@/app/_ui/button';
import { apiPost } from '@/lib/http/client';

export function LeaveOrganization({ id, name }: { id: string; name: string }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        Leave organization
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Leave ${name}`}
          action="Leave"
          typed={name}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await apiPost(`/organizations/${id}/leave`);
            router.push('/');
            router.refresh();
          }}
        >
          <p>You lose access to its projects at once, and open invitations that you sent end. What you made stays. A new invitation brings you back.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
