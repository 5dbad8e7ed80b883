'use client';

import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { notify } from '@/app/_ui/notify';
import { onDemand } from '@/app/_ui/on-demand';
import { RowMenu } from '@/app/_ui/row-menu';
import { apiDelete } from '@/lib/http/client';
import type { KeyView } from '@/lib/projects/key/schemas';
import type { KeyActs } from './key-table';

const RotateDialog = onDemand(async () => (await import('./rotate-dialog')).RotateDialog);

export function KeyMenu({ of: key, projectId, refusal, onChanged, onMade }: KeyActs & { of: KeyView }) {
  const [asking, setAsking] = useState<'rotate' | 'revoke' | null>(null);
  const replaced = key.replaced_by === null ? undefined : 'It has been rotated already.';
  const serving = key.purpose === 'env' && key.replaced_by === null ? 'The env variables carry this key. Rotate it instead; the old one ends with that.' : undefined;
  return (
    <>
      <RowMenu
        label={`Actions for ${key.name}`}
        actions={[
          { icon: 'rotate-cw', words: 'Rotate', refusal: refusal ?? replaced, onSelect: () => setAsking('rotate') },
          { icon: 'trash-2', words: 'Revoke', danger: true, refusal: refusal ?? serving, onSelect: () => setAsking('revoke') },
        ]}
      />
      {asking === 'rotate' && (
        <RotateDialog
          projectId={projectId}
          of={key}
          onClose={() => setAsking(null)}
          onMade={(made) => {
            setAsking(null);
            onMade(made);
          }}
        />
      )}
      {asking === 'revoke' && (
        <ConfirmDialog
          title={`Revoke ${key.name}`}
          action="Revoke key"
          typed={key.name}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await apiDelete<KeyView>(`/projects/${projectId}/keys/${key.id}`);
            await onChanged();
            notify('success', { title: 'Key revoked' });
          }}
        >
          <p>
            Whatever uses this key fails from the next request on. It cannot be brought back; rotating
            instead lets both work for a while.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
