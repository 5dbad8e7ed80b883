'use client';

import { BulkBar } from '@/app/(studio)/_components/dialogs';
import { Scopes } from '@/app/(studio)/_components/scopes';
import { Badge, type Tone } from '@/app/_ui/badge';
import { RelativeTime } from '@/app/_ui/relative-time';
import { SelectCell, SelectHead, useSelection } from '@/app/_ui/selection';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { apiDelete } from '@/lib/http/client';
import type { CreatedKey, KeyView } from '@/lib/projects/key/schemas';
import { KeyMenu } from './key-menu';

export interface KeyActs {
  projectId: string;
  /** Why this person cannot manage keys. */
  refusal: string | undefined;
  onChanged: () => Promise<unknown>;
  onMade: (key: CreatedKey) => void;
}

export function KeyTable({ keys, ...acts }: KeyActs & { keys: readonly KeyView[] }) {
  const selection = useSelection(acts.refusal === undefined ? keys.filter(isRevocable).map(({ id }) => id) : []);
  return (
    <>
      <Table label="Keys">
        <HeadRow>
          {selection.possible > 0 && <SelectHead selection={selection} label="Select all keys that can be revoked" />}
          <HeadCell>Name</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell className="hidden @2xl:table-cell">Secret</HeadCell>
          <HeadCell className="hidden @3xl:table-cell">Scopes</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Ends</HeadCell>
          <HeadCell className="hidden text-right @3xl:table-cell">Created</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </HeadRow>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              {selection.possible > 0 && <SelectCell selection={selection} id={key.id} label={`Select ${key.name}`} possible={isRevocable(key)} />}
              <td className="max-w-0 min-w-32 @lg:w-1/4">
                <span className="block truncate font-medium">{key.name}</span>
                {key.purpose === 'env' && <span className="text-sm text-muted">In the env variables</span>}
              </td>
              <td className="whitespace-nowrap">
                <KeyState of={key} />
              </td>
              <td className="hidden font-mono text-sm whitespace-nowrap text-muted @2xl:table-cell">{key.last_four === null ? '' : `standard_…${key.last_four}`}</td>
              <td className="hidden text-muted @3xl:table-cell">
                <Scopes of={key.scopes} />
              </td>
              <td className="hidden whitespace-nowrap text-muted @lg:table-cell">{endOf(key) === null ? 'Never' : <RelativeTime at={endOf(key) ?? ''} />}</td>
              <td className="hidden text-right whitespace-nowrap text-muted @3xl:table-cell">
                <RelativeTime at={key.created_at} />
              </td>
              <td className="w-12 pl-0 text-right">{key.state === 'live' && <KeyMenu of={key} {...acts} />}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {selection.begun && (
        <BulkBar
          selection={selection}
          verb="Revoke"
          noun={['key', 'keys']}
          nameOf={(id) => keys.find((each) => each.id === id)?.name ?? id}
          act={(id) => apiDelete(`/projects/${acts.projectId}/keys/${id}`)}
          onChanged={acts.onChanged}
        >
          Whatever uses them fails from the next request on. A revoked key cannot be brought back; rotating instead lets old and new work for a while.
        </BulkBar>
      )}
    </>
  );
}

/** The key that the variables carry ends by rotation only. */
export function isRevocable(key: KeyView): boolean {
  return key.state === 'live' && !(key.purpose === 'env' && key.replaced_by === null);
}

const states: Record<KeyView['state'], { tone: Tone; word: string }> = {
  requested: { tone: 'info', word: 'Being made' },
  live: { tone: 'good', word: 'Works' },
  revoking: { tone: 'warn', word: 'Being revoked' },
  revoked: { tone: 'neutral', word: 'Revoked' },
  failed: { tone: 'bad', word: 'Failed' },
};

function KeyState({ of: key }: { of: KeyView }) {
  if (key.state === 'live' && key.replaced_by !== null) return <Badge tone="warn">Replaced, still works</Badge>;
  const { tone, word } = states[key.state];
  return <Badge tone={tone}>{word}</Badge>;
}

function endOf(key: KeyView): string | null {
  return key.revoked_at ?? key.retire_at ?? key.expires_at;
}
