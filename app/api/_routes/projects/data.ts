import { door } from '@/lib/http/door';
import { listBuckets } from '@/lib/projects/data/list-buckets';
import { listFiles } from '@/lib/projects/data/list-files';
import { listRows } from '@/lib/projects/data/list-rows';
import { listTables } from '@/lib/projects/data/list-tables';
import { BucketsView, FilesView, ListFiles, ListRows, RowsView, TablesView } from '@/lib/projects/data/schemas';

export const dataDoors = [
  door({
    method: 'get', path: '/projects/{project}/data/tables', tag: 'Data', status: 200, returns: TablesView,
    summary: "The tables of a project's databases",
    run: (ctx, { params }) => listTables(ctx, params.project),
  }),
  door({
    method: 'get', path: '/projects/{project}/data/rows', tag: 'Data', query: ListRows, status: 200, returns: RowsView,
    summary: 'Rows of one table',
    run: (ctx, { params, query }) => listRows(ctx, params.project, query),
  }),
  door({
    method: 'get', path: '/projects/{project}/data/buckets', tag: 'Data', status: 200, returns: BucketsView,
    summary: "A project's file buckets",
    run: (ctx, { params }) => listBuckets(ctx, params.project),
  }),
  door({
    method: 'get', path: '/projects/{project}/data/files', tag: 'Data', query: ListFiles, status: 200, returns: FilesView,
    summary: 'Files of one bucket',
    run: (ctx, { params, query }) => listFiles(ctx, params.project, query),
  }),
];
