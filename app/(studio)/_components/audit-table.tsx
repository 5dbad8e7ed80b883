'use client';

import { useState } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { usePages } from '@/app/_live/use-pages';
import { Badge } from '@/app/_ui/badge';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { MoreRows } from '@/app/_ui/more-rows';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import type { Page } from '@/lib/kernel/page';
import type { AuditEntryView } from '@/lib/trust/audit/schemas';
import { actorName } from './actor-name';
import { AuditEntryDialog } from './dialogs';

/** Filters as query parameters; only those that are set. */
export type AuditQuery = Readonly<Record<string, string>>;

interface AuditTableProps {
  organizationId: string;
  filters: AuditQuery;
  /** The first page under these filters, when the server sent it. */
  first?: Page<AuditEntryView> | undefined;
}

export function AuditTable({ organizationId, filters, first }: AuditTableProps) {
  const [open, setOpen] = useState<AuditEntryView | null>(null);
  const query = new URLSearchParams(filters).toString();
  const pages = usePages<AuditEntryView>({ path: `/organizations/${organizationId}/audit${query === '' ? '' : `?${query}`}`, first });
  if (pages.error !== null) return <ProblemSummary problem={shownProblem(pages.error)} />;
  if (pages.rows.length === 0) {
    return (
      <EmptyState icon={<Icon name="scroll-text" className="size-5" />} title={pages.loading ? 'Reading' : 'Nothing here'}>
        {pages.loading ? 'The entries are on their way.' : 'Nobody did anything that fits. Change the filter.'}
      </EmptyState>
    );
  }
  return (
    <>
      <Table label="Audit entries">
        <HeadRow>
          <HeadCell>When</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Who</HeadCell>
          <HeadCell>Action</HeadCell>
          <HeadCell className="hidden @2xl:table-cell">On what</HeadCell>
          <HeadCell className="hidden @lg:table-cell">Outcome</HeadCell>
          <HeadCell className="hidden @4xl:table-cell">Address</HeadCell>
        </HeadRow>
        <tbody>
          {pages.rows.map((entry) => (
            <tr key={entry.id}>
              <td className="whitespace-nowrap text-muted">
                <RelativeTime at={entry.at} />
              </td>
              <td className="hidden max-w-40 truncate @lg:table-cell">{actorName(entry)}</td>
              <td className="max-w-0 min-w-40 @lg:max-w-none">
                <button type="button" onClick={() => setOpen(entry)} className="max-w-full truncate rounded-control font-mono text-sm underline decoration-line underline-offset-4 hover:decoration-current">
                  {entry.action}
                </button>
                <span className="block truncate text-sm text-muted @lg:hidden">
                  {actorName(entry)}
                  {entry.outcome === 'denied' && <span className="text-bad"> · Denied</span>}
                </span>
              </td>
              <td className="hidden max-w-56 truncate text-muted @2xl:table-cell">{entry.target.name ?? entry.target.id ?? entry.target.kind}</td>
              <td className="hidden @lg:table-cell">{entry.outcome === 'denied' ? <Badge tone="bad">Denied</Badge> : <Badge>Allowed</Badge>}</td>
              <td className="hidden font-mono text-sm text-muted @4xl:table-cell">{entry.ip ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
      {open !== null && <AuditEntryDialog entry={open} onClose={() => setOpen(null)} />}
    </>
  );
}
