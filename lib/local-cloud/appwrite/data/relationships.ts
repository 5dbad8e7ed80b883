import { AppwriteError } from '../errors';
import { find, findBy, removeBy } from '../documents';
import { stamp } from '../listing';
import { columnName } from '../namespace';
import { boolean, isObject, key, oneOf, type Input } from '../params';
import type { Query } from '../query/parse';
import type { Call } from '../route';
import { tablesOf, type Document, type JsonObject } from '../schema';
import type { ColumnInput } from './column-input';
import type { Relation } from './relation';
import { toRow } from './row-model';
import { openTableOf, type OpenTable } from './tables';
import { createRow, may, updateRow } from './write-row';

/** Reads a new relationship: the column of this table, and the other table's when it works both ways. Many-to-one only. */
export function readRelationship(input: Input, thisTable: string): { own: ColumnInput; other: ColumnInput | undefined; relatedTable: string } {
  const relatedTable = input.required('relatedTableId', key);
  const relationType = input.required('type', oneOf(['oneToOne', 'manyToOne', 'manyToMany', 'oneToMany']));
  if (relationType !== 'manyToOne') throw new AppwriteError('general_not_implemented', `This is a local development stand-in for Appwrite: it knows manyToOne relationships, not ${relationType}.`);
  const twoWay = input.optional('twoWay', boolean, false);
  const name = input.optional('key', key, relatedTable);
  const twoWayKey = input.optional('twoWayKey', key, thisTable);
  const onDelete = input.optional('onDelete', oneOf(['cascade', 'restrict', 'setNull']), 'restrict');
  const shared = { type: 'relationship', format: '', required: false, array: false, initial: null };
  const said = { relationType, twoWay, onDelete };
  return {
    relatedTable,
    own: { ...shared, key: name, options: { ...said, relatedTable, twoWayKey, side: 'parent' } },
    other: twoWay ? { ...shared, key: twoWayKey, options: { ...said, relatedTable: thisTable, twoWayKey: name, side: 'child' } } : undefined,
  };
}

/** Writes rows that came nested inside `data` and leaves their ids in their place. */
export async function storeNested(call: Call, table: OpenTable, data: JsonObject): Promise<JsonObject> {
  const stored = { ...data };
  for (const relation of table.relations) {
    const value = data[relation.key];
    if (value === undefined || value === null) continue;
    if (relation.side === 'child') throw new AppwriteError('general_not_implemented', `This is a local development stand-in for Appwrite: write the relationship from the other side, "${relation.relatedKey}".`);
    if (!isObject(value)) continue;
    const related = await openRelated(call, table, relation);
    const existing = typeof value.$id === 'string' ? await find(call.ns, related.rows, value.$id) : undefined;
    const row = existing === undefined
      ? await createRow(call, related, typeof value.$id === 'string' ? value.$id : 'unique()', { data: value })
      : await updateRow(call, related, existing, { data: value });
    stored[relation.key] = row.$id;
  }
  return stored;
}

/** The row with the rows that it names, as the answer to a write shows it. */
export async function withRelated(call: Call, table: OpenTable, row: Document): Promise<JsonObject> {
  const model = toRow(table, row);
  for (const relation of table.relations) model[relation.key] = await load(call, table, relation, row);
  return model;
}

/** The row with what `select` asks for as `key.*`; without that a relationship is an id, and its other side is not there. */
export async function withSelected(call: Call, table: OpenTable, row: Document, queries: readonly Query[]): Promise<JsonObject> {
  const wanted = new Set(queries.filter(({ method }) => method === 'select').flatMap(({ values }) => values.map(String)));
  const model = toRow(table, row);
  for (const relation of table.relations) {
    if ([...wanted].some((name) => name.startsWith(`${relation.key}.`))) model[relation.key] = await load(call, table, relation, row);
  }
  return model;
}

/** Does what `onDelete` says to the rows that name this one; call it in the transaction that deletes it. */
export async function letGo(call: Call, table: OpenTable, row: Document): Promise<void> {
  for (const relation of table.relations.filter(({ side }) => side === 'child')) {
    const related = await openRelated(call, table, relation);
    const name = columnName(relation.relatedKey);
    const rows = call.ns.table(related.rows.name);
    if (relation.onDelete === 'setNull') await call.ns.query(`UPDATE ${rows} SET ${name} = NULL, "_updatedAt" = now() WHERE ${name} = $1`, [row.$id]);
    else if (relation.onDelete === 'cascade') await removeBy(call.ns, related.rows, { [relation.relatedKey]: row.$id });
    else if ((await findBy(call.ns, related.rows, { [relation.relatedKey]: row.$id })).length > 0) throw new AppwriteError('document_delete_restricted');
  }
}

async function load(call: Call, table: OpenTable, relation: Relation, row: Document): Promise<unknown> {
  const related = await openRelated(call, table, relation);
  if (relation.side === 'child') {
    const naming = await findBy(call.ns, related.rows, { [relation.relatedKey]: row.$id });
    return naming.filter((each) => may(call, related, each, 'read')).map((each) => plain(related, each));
  }
  const id = row.values[relation.key];
  if (typeof id !== 'string') return null;
  const found = await find(call.ns, related.rows, id);
  // The real server shows this much of a row that is not there.
  if (found === undefined) return { $databaseId: related.database.$id, [`$${related.dialect.table}Id`]: related.table.$id, $sequence: '' };
  return may(call, related, found, 'read') ? plain(related, found) : null;
}

/** A related row without its own relationships: they are not followed further. */
function plain(table: OpenTable, row: Document): JsonObject {
  const model = toRow(table, row);
  const names = new Set(table.relations.map(({ key: name }) => name));
  return { ...Object.fromEntries(Object.entries(model).filter(([name]) => !names.has(name))), ...stamp(row) };
}

async function openRelated(call: Call, { dialect, database }: OpenTable, relation: Relation): Promise<OpenTable> {
  const related = await find(call.ns, tablesOf(database.$sequence), relation.relatedTable);
  if (related === undefined) throw new AppwriteError(dialect.error.tableMissing);
  return openTableOf(call.ns, dialect, database, related);
}
