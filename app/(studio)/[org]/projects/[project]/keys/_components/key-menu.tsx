'use client';

import { useState } from 'react';
import { ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { Icon } from '@/app/_ui/icon';
import { Menu } from '@/app/_ui/menu';
import { MenuItem, MenuItems } from '@/app/_ui/menu-items';
import { notify } from '@/app/_ui/notify';
import { onDemand } from '@/app/_ui/on-demand';
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
      <Menu label={`Actions for ${key.name}`} align="end" triggerClassName="inline-flex size-8 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-ink" trigger={<Icon name="ellipsis" />}><MenuItems label={`Actions for ${key.name}`}>
        <MenuItem icon={<Icon name="rotate-cw" />} disabledReason={refusal ?? replaced} onSelect={() => setAsking('rotate')}>
          Rotate
        </MenuItem>
        <MenuItem danger icon={<Icon name="trash-2" />} disabledReason={refusal ?? serving} onSelect={() => setAsking('revoke')}>
          Revoke
        </MenuItem>
      </MenuItems></Menu>
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
