'use client';

import { ConfirmDialog, SecretDialog } from '@/app/(studio)/_components/dialogs';
import { notify } from '@/app/_ui/notify';
import { apiDelete } from '@/lib/http/client';
import type { HookShown } from './railway-hook-card';

interface RailwayHookDialogsProps {
  shown: HookShown;
  path: string;
  onReplace: () => Promise<void>;
  onRemoved: () => Promise<void>;
  /** Gives back what it showed: something else may be shown by then. */
  onClose: (closed: HookShown) => void;
}

export function RailwayHookDialogs({ shown, path, onReplace, onRemoved, onClose }: RailwayHookDialogsProps) {
  const close = () => onClose(shown);
  switch (shown.kind) {
    case 'address':
      return (
        <SecretDialog
          title="Address for Railway"
          secret={shown.url}
          variable="RAILWAY_WEBHOOK_URL"
          fileName="railway-webhook.env"
          kept="Paste it at Railway, in the settings of the Railway project under Webhooks. Studio keeps what it needs to recognize it, not the address itself."
          onClose={close}
        />
      );
    case 'replace':
      return (
        <ConfirmDialog key="replace" title="Replace the address" action="Replace address" onClose={close} onConfirm={onReplace}>
          <p>Calls of the old address are not heard any more. Until the new one is pasted at Railway, Studio looks by itself every few minutes.</p>
        </ConfirmDialog>
      );
    case 'remove':
      return (
        <ConfirmDialog
          key="remove"
          title="Remove the address"
          action="Remove address"
          onClose={close}
          onConfirm={async () => {
            await apiDelete(path);
            notify('success', { title: 'The address is removed' });
            await onRemoved();
          }}
        >
          <p>Calls of it are not heard any more; delete the webhook at Railway too. Studio goes on looking by itself every few minutes.</p>
        </ConfirmDialog>
      );
  }
}
