'use client';

import { shownProblem } from '@/app/_forms/problem';
import { usePages } from '@/app/_live/use-pages';
import { MoreRows } from '@/app/_ui/more-rows';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import type { RowsView, TablesView } from '@/lib/projects/data/schemas';

interface RowsTableProps {
  projectId: string;
  table: TablesView['data'][number];
  first: RowsView;
}

export function RowsTable({ projectId, table, first }: RowsTableProps) {
  const query = new URLSearchParams({ database: table.database.id, table: table.id });
  const pages = usePages<RowsView['data'][number]>({ path: `/projects/${projectId}/data/rows?${query}`, first });
  return (
    <section className="flex min-w-0 flex-col gap-3">
      <h2 className="text-lg break-words">
        {table.name} <span className="text-base font-normal text-muted tabular-nums">{first.total.toLocaleString('en')} {first.total === 1 ? 'row' : 'rows'}</span>
      </h2>
      {pages.error !== null && <ProblemSummary problem={shownProblem(pages.error)} />}
      {pages.rows.length === 0 ? (
        <p className="rounded-card border border-dashed border-line px-4 py-10 text-center text-muted">This table is empty.</p>
      ) : (
        <Table label={`Rows of ${table.name}`}>
          <HeadRow>
            <HeadCell>Id</HeadCell>
            {table.columns.map((column) => (
              <HeadCell key={column.key}>
                <span className="font-mono text-ink">{column.key}</span> {column.type}
                {column.array ? '[]' : ''}
              </HeadCell>
            ))}
            <HeadCell className="text-right">Created</HeadCell>
          </HeadRow>
          <tbody>
            {pages.rows.map((row, index) => (
              <tr key={textOf(row['$id']) || index}>
                <td className="font-mono text-xs whitespace-nowrap text-muted">{textOf(row['$id'])}</td>
                {table.columns.map((column) => (
                  <td key={column.key} className="max-w-72">
                    <Value of={row[column.key]} />
                  </td>
                ))}
                <td className="text-right whitespace-nowrap text-muted">{typeof row['$createdAt'] === 'string' && <RelativeTime at={row['$createdAt']} />}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
    </section>
  );
}

function Value({ of: value }: { of: unknown }) {
  if (value === null || value === undefined) return <span className="text-subtle">null</span>;
  const text = textOf(value);
  return (
    <span title={text} className="block truncate">
      {text}
    </span>
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
