import type { Ctx } from '@/lib/context';
import { browse } from './browse';
import { TablesView } from './schemas';

/** The tables of all databases of a project, with their columns. */
export async function listTables(ctx: Ctx, project: string): Promise<TablesView> {
  return browse(ctx, project, {
    what: 'table',
    input: null,
    view: TablesView,
    async read(admin, projectId) {
      const databases = await admin.listDatabases(projectId);
      const lists = await Promise.all(
        databases.map(async (database) => {
          const tables = await admin.listTables({ projectId, databaseId: database.id });
          return tables.map(({ id, name, enabled, columns }) => ({ id, database, name, enabled, columns }));
        }),
      );
      return { data: lists.flat() };
    },
  });
}
