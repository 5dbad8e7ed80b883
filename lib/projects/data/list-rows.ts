import type { Ctx } from '@/lib/context';
import { parseInput } from '@/lib/kernel/parse';
import { browse } from './browse';
import { ListRows, RowsView } from './schemas';

/** One page of a table. Integers beyond 2^53 come as text. */
export async function listRows(ctx: Ctx, project: string, raw: unknown): Promise<RowsView> {
  const input = parseInput(ListRows, raw);
  return browse(ctx, project, {
    what: 'table',
    input,
    view: RowsView,
    async read(admin, projectId) {
      const { database: databaseId, table: tableId, limit, cursor } = input;
      const { total, rows } = await admin.listRows({ projectId, databaseId, tableId, limit, ...(cursor === undefined ? {} : { after: cursor }) });
      return { total, data: rows, next_cursor: rows.length < limit ? null : (rows.at(-1)?.$id ?? null) };
    },
  });
}
