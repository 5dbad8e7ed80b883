import { Query, Storage, TablesDB } from 'node-appwrite';
import type { GatedCall } from '../../gate';
import type { AppwriteAdmin, DataPage } from '../port';
import type { Connection } from './connection';
import { bucketList, databaseList, fileList, read, rowList, tableList } from './shapes';

type Browsing = Pick<AppwriteAdmin, 'listDatabases' | 'listTables' | 'listRows' | 'listBuckets' | 'listFiles'>;

/** How many databases, tables or buckets one list shows. */
const most = 100;

/** Reads of what tenants keep in their projects, as the console shows it. */
export function browseWith(connection: Connection, gated: GatedCall): Browsing {
  const tables = <Result>(projectId: string, work: (tables: TablesDB) => Promise<Result>) =>
    connection.call({ reach: { project: projectId }, deadline: 'readMs', ...gated }, (client) => work(new TablesDB(client)));
  const storage = <Result>(projectId: string, work: (storage: Storage) => Promise<Result>) =>
    connection.call({ reach: { project: projectId }, deadline: 'readMs', ...gated }, (client) => work(new Storage(client)));

  return {
    async listDatabases(projectId) {
      const { databases } = read(databaseList, await tables(projectId, (service) => service.list({ queries: [Query.limit(most)] })));
      return databases.map((found) => ({ id: found.$id, name: found.name }));
    },
    async listTables({ projectId, databaseId }) {
      const answer = read(tableList, await tables(projectId, (service) => service.listTables({ databaseId, queries: [Query.limit(most)] })));
      return answer.tables.map(({ $id, ...table }) => ({ id: $id, ...table }));
    },
    async listRows({ projectId, databaseId, tableId, ...page }) {
      return read(rowList, await tables(projectId, (service) => service.listRows({ databaseId, tableId, queries: pageQueries(page) })));
    },
    async listBuckets(projectId) {
      const { buckets } = read(bucketList, await storage(projectId, (service) => service.listBuckets({ queries: [Query.limit(most)] })));
      return buckets.map(({ $id, ...bucket }) => ({ id: $id, ...bucket }));
    },
    async listFiles({ projectId, bucketId, ...page }) {
      const { total, files } = read(fileList, await storage(projectId, (service) => service.listFiles({ bucketId, queries: pageQueries(page) })));
      return {
        total,
        files: files.map((file) => ({ id: file.$id, name: file.name, mimeType: file.mimeType, sizeBytes: file.sizeOriginal, createdAt: file.$createdAt })),
      };
    },
  };
}

function pageQueries({ after, limit }: DataPage): string[] {
  return [Query.limit(limit), ...(after === undefined ? [] : [Query.cursorAfter(after)])];
}
