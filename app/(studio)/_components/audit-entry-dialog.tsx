'use client';

import type { ReactNode } from 'react';
import { Badge } from '@/app/_ui/badge';
import { CopyButton } from '@/app/_ui/copy-button';
import { Dialog } from '@/app/_ui/dialog';
import { exactUtc } from '@/app/_ui/time';
import type { AuditEntryView } from '@/lib/trust/audit/schemas';
import { actorName } from './actor-name';

/** One entry whole: who, on what, from where, and every field before and after. */
export function AuditEntryDialog({ entry, onClose }: { entry: AuditEntryView; onClose: () => void }) {
  const changes = Object.entries(entry.changes ?? {});
  return (
    <Dialog title={entry.action} description={exactUtc(entry.at)} width="wide" onClose={onClose}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2">
        <Line label="Who">
          {actorName(entry)} <span className="text-muted">({entry.actor.kind})</span> <Id of={entry.actor.id} />
        </Line>
        <Line label="On what">
          {entry.target.name ?? ''} <span className="text-muted">({entry.target.kind})</span> <Id of={entry.target.id} />
        </Line>
        <Line label="Outcome">{entry.outcome === 'denied' ? <Badge tone="bad">Denied</Badge> : <Badge>Allowed</Badge>}</Line>
        {entry.reason !== null && <Line label="Reason">{entry.reason}</Line>}
        <Line label="Address">{entry.ip ?? 'Not known'}</Line>
        {entry.user_agent !== null && <Line label="Program">{entry.user_agent}</Line>}
        <Line label="Request">
          <Id of={entry.request_id} />
        </Line>
      </dl>
      {changes.length > 0 && (
        <div>
          <h3 className="mb-2 text-base">Changes</h3>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 rounded-control border border-line p-3">
            {changes.map(([field, { from, to }]) => (
              <Line key={field} label={field}>
                <del className="text-bad">{inWords(from)}</del> <span aria-hidden>→</span> <ins className="text-good no-underline">{inWords(to)}</ins>
              </Line>
            ))}
          </dl>
        </div>
      )}
    </Dialog>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Id({ of: id }: { of: string | null }) {
  if (id === null) return null;
  return (
    <span className="inline-flex max-w-full items-center gap-1 align-middle">
      <code className="truncate font-mono text-xs">{id}</code>
      <CopyButton text={id} label="Copy id" />
    </span>
  );
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
