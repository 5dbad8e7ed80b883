'use client';

import { shownProblem } from '@/app/_forms/problem';
import { usePages } from '@/app/_live/use-pages';
import { MoreRows } from '@/app/_ui/more-rows';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import type { BucketsView, FilesView } from '@/lib/projects/data/schemas';

interface FilesTableProps {
  projectId: string;
  bucket: BucketsView['data'][number];
  first: FilesView;
}

export function FilesTable({ projectId, bucket, first }: FilesTableProps) {
  const pages = usePages<FilesView['data'][number]>({ path: `/projects/${projectId}/data/files?${new URLSearchParams({ bucket: bucket.id })}`, first });
  return (
    <section className="flex min-w-0 flex-col gap-3">
      <h2 className="text-lg break-words">
        {bucket.name} <span className="text-base font-normal text-muted tabular-nums">{first.total.toLocaleString('en')} {first.total === 1 ? 'file' : 'files'}</span>
      </h2>
      {pages.error !== null && <ProblemSummary problem={shownProblem(pages.error)} />}
      {pages.rows.length === 0 ? (
        <p className="rounded-card border border-dashed border-line px-4 py-10 text-center text-muted">This bucket is empty.</p>
      ) : (
        <Table label={`Files of ${bucket.name}`}>
          <HeadRow>
            <HeadCell>Name</HeadCell>
            <HeadCell className="hidden @lg:table-cell">Type</HeadCell>
            <HeadCell className="text-right">Size</HeadCell>
            <HeadCell className="text-right">Created</HeadCell>
          </HeadRow>
          <tbody>
            {pages.rows.map((file) => (
              <tr key={file.id}>
                <td className="max-w-0 min-w-40 truncate @lg:w-1/2">{file.name}</td>
                <td className="hidden text-muted @lg:table-cell">{file.mime_type}</td>
                <td className="text-right whitespace-nowrap text-muted">{sizeInWords(file.size_bytes)}</td>
                <td className="text-right whitespace-nowrap text-muted">
                  <RelativeTime at={file.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
    </section>
  );
}

function sizeInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? 'B'}`;
}
