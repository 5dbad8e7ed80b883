import type { Metadata } from 'next';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { pageContext } from '@/lib/http/page-context';
import { paths } from '@/lib/paths';
import { listBuckets } from '@/lib/projects/data/list-buckets';
import { listFiles } from '@/lib/projects/data/list-files';
import { listRows } from '@/lib/projects/data/list-rows';
import { listTables } from '@/lib/projects/data/list-tables';
import { NotReady } from '../_components/not-ready';
import { DataNav } from './_components/data-nav';
import { FilesTable } from './_components/files-table';
import { RowsTable } from './_components/rows-table';

export const metadata: Metadata = { title: 'Data' };

interface Props {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** What the project's apps have stored, to look at. Which table or bucket is open stands in the address. */
export default async function DataPage({ params, searchParams }: Props) {
  const { org, project: projectId } = await params;
  const [ctx, project, asked] = await Promise.all([pageContext(), orRefuse(pageProject(projectId)), searchParams]);
  if (project.status !== 'ready') return <NotReady title="Data" what="Its tables and files" status={project.status} />;
  const [tables, buckets] = await orRefuse(Promise.all([listTables(ctx, project.id), listBuckets(ctx, project.id)]));
  const bucket = buckets.data.find((each) => each.id === asked['bucket']);
  const table = bucket === undefined ? (tables.data.find((each) => each.database.id === asked['database'] && each.id === asked['table']) ?? tables.data[0]) : undefined;
  const shownBucket = bucket ?? (table === undefined ? buckets.data[0] : undefined);
  return (
    <PageBody width="full">
      <PageHeader title="Data" description="What the apps of this project have stored. Read only; copies are a few seconds old at most." />
      {table === undefined && shownBucket === undefined ? (
        <EmptyState icon={<Icon name="database" className="size-5" />} title="No tables or buckets yet">
          Make them with node-appwrite and the key of this project; the connect panel on the overview has the first lines. They appear here when the page is loaded again.
        </EmptyState>
      ) : (
        <div className="grid min-w-0 gap-6 lg:grid-cols-[14rem_minmax(0,1fr)]">
          <DataNav base={`${paths.project(org, project.id)}/data`} tables={tables.data} buckets={buckets.data} current={shownBucket?.id ?? `${table?.database.id}/${table?.id}`} />
          {table !== undefined && <RowsTable key={`${table.database.id}/${table.id}`} projectId={project.id} table={table} first={await orRefuse(listRows(ctx, project.id, { database: table.database.id, table: table.id }))} />}
          {shownBucket !== undefined && <FilesTable key={shownBucket.id} projectId={project.id} bucket={shownBucket} first={await orRefuse(listFiles(ctx, project.id, { bucket: shownBucket.id }))} />}
        </div>
      )}
    </PageBody>
  );
}
