'use client';

import { useState } from 'react';
import { BulkBar, ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { Scopes } from '@/app/(studio)/_components/scopes';
import { AllowedButton } from '@/app/_ui/allowed';
import { Badge } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { RelativeTime } from '@/app/_ui/relative-time';
import { SelectCell, SelectHead, useSelection } from '@/app/_ui/selection';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { apiDelete } from '@/lib/http/client';
import type { ApiKeyView } from '@/lib/identity/api-key/schemas';

interface ApiKeyTableProps {
  organizationId: string;
  keys: readonly ApiKeyView[];
  refusal: string | undefined;
  onChanged: () => Promise<unknown>;
}

export function ApiKeyTable({ organizationId, keys, refusal, onChanged }: ApiKeyTableProps) {
  const [revoking, setRevoking] = useState<ApiKeyView | null>(null);
  const selection = useSelection(refusal === undefined ? keys.map(({ id }) => id) : []);
  return (
    <>
      <Table label="API keys">
        <HeadRow>
          {selection.possible > 0 && <SelectHead selection={selection} label="Select all API keys" />}
          <HeadCell>Name</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Key</HeadCell>
          <HeadCell className="hidden @3xl:table-cell">Project</HeadCell>
          <HeadCell className="hidden @3xl:table-cell">Scopes</HeadCell>
          <HeadCell className="hidden @2xl:table-cell">Last used</HeadCell>
          <HeadCell>Ends</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </HeadRow>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              {selection.possible > 0 && <SelectCell selection={selection} id={key.id} label={`Select ${key.name}`} />}
              <td className="max-w-0 min-w-28 @lg:w-1/4">
                <span className="block truncate font-medium">{key.name}</span>
                <span className="block truncate text-sm text-muted">{key.created_by === null ? 'Made by somebody who left' : `By ${key.created_by.name}`}</span>
              </td>
              <td className="hidden font-mono text-sm whitespace-nowrap text-muted @lg:table-cell">
                {key.prefix}…{key.last_four}
              </td>
              <td className="hidden max-w-40 truncate text-muted @3xl:table-cell">{key.project?.name ?? (key.project_id === null ? 'All' : key.project_id)}</td>
              <td className="hidden text-muted @3xl:table-cell">
                <Scopes of={key.scopes} />
              </td>
              <td className="hidden whitespace-nowrap text-muted @2xl:table-cell">{key.last_used_at === null ? 'Never' : <RelativeTime at={key.last_used_at} />}</td>
              <td className="whitespace-nowrap text-muted">{key.expired ? <Badge tone="warn">Expired</Badge> : key.expires_at === null ? 'Never' : <RelativeTime at={key.expires_at} />}</td>
              <td className="w-12 pl-0 text-right">
                <AllowedButton reason={refusal} kind="quiet" size="small" icon={<Icon name="trash-2" />} onClick={() => setRevoking(key)}>
                  <span className="@max-lg:sr-only">Revoke</span>
                  <span className="sr-only"> {key.name}</span>
                </AllowedButton>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {selection.begun && (
        <BulkBar
          selection={selection}
          verb="Revoke"
          noun={['API key', 'API keys']}
          nameOf={(id) => keys.find((each) => each.id === id)?.name ?? id}
          act={(id) => apiDelete(`/organizations/${organizationId}/api-keys/${id}`)}
          onChanged={onChanged}
        >
          Programs are refused from the next request on. A revoked key cannot be brought back.
        </BulkBar>
      )}
      {revoking !== null && (
        <ConfirmDialog
          title={`Revoke ${revoking.name}`}
          action="Revoke key"
          onClose={() => setRevoking(null)}
          onConfirm={async () => {
            await apiDelete(`/organizations/${organizationId}/api-keys/${revoking.id}`);
            await onChanged();
            notify('success', { title: 'API key revoked' });
          }}
        >
          <p>Programs that use it are refused from the next request on. It cannot be brought back; create another one instead.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
