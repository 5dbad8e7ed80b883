import { AppwriteError } from '../errors';
import { find, list } from '../documents';
import { cursorOf, cursorRow, selection, wantsTotal } from '../listing';
import { queryTexts } from '../params';
import { allows, readPermissions } from '../permissions';
import { parseQueries, type Query } from '../query/parse';
import { validateQueries } from '../query/validate';
import type { Call } from '../route';
import type { JsonObject } from '../schema';
import { capital } from './dialect';
import { withSelected } from './relationships';
import type { OpenTable } from './tables';

/** Parses and checks queries against the columns of a table. */
export function rowQueries(texts: readonly string[], table: OpenTable): Query[] {
  const queries = parseQueries(texts);
  const fulltext = table.indexes.filter(({ values }) => values.type === 'fulltext' && values.status === 'available');
  validateQueries(queries, { attributes: table.rows.attributes, related: new Set(table.relations.map(({ key }) => key)), searchable: new Set(fulltext.flatMap(({ values }) => values.columns)) });
  return queries;
}

/** A page of rows: all of them for whom the table lets read, else those that open themselves, else 401. */
export async function listRows(call: Call, table: OpenTable): Promise<JsonObject> {
  const texts = call.input.optional('queries', queryTexts, []);
  const everything = allows(call.actor, 'read', table.table.$permissions);
  if (!everything && !table.table.values.rowSecurity) throw new AppwriteError('user_unauthorized');
  const queries = rowQueries(texts, table);
  const cursor = await cursorOf(queries, capital(table.dialect.row), async (id) => {
    const row = await find(call.ns, table.rows, id);
    return row === undefined ? undefined : cursorRow(row);
  });
  const { total, documents } = await list(call.ns, table.rows, {
    queries, total: wantsTotal(call.input), ...(cursor === undefined ? {} : { cursor }), ...(everything ? {} : { readable: readPermissions(call.actor) }),
  });
  const select = selection(queries);
  const models: JsonObject[] = [];
  for (const row of documents) models.push(select(await withSelected(call, table, row, queries)));
  return { total, [table.dialect.rows]: models };
}
