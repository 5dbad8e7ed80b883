import { findBy, update } from '../documents';
import { columnName, SCHEMA, type Namespace } from '../namespace';
import { columns, indexes, type ColumnDocument, type IndexDocument } from '../schema';
import { isStored, toAttribute } from './column-types';
import { rowsOf } from './tables';

/** The databases worker: turns what is `processing` into real columns and indexes, columns first. */
export async function finishColumns(ns: Namespace): Promise<void> {
  for (const column of await findBy(ns, columns, { status: 'processing' })) await addColumn(ns, column);
  for (const index of await findBy(ns, indexes, { status: 'processing' })) await addIndex(ns, index);
}

export async function addColumn(ns: Namespace, column: ColumnDocument): Promise<void> {
  const { database, table, key } = column.values;
  const name = ns.table(rowsOf(database, table, []).name);
  if (isStored(column.values)) await ns.query(`ALTER TABLE ${name} ADD COLUMN IF NOT EXISTS ${columnName(key)} ${toAttribute(column.values).sql}`);
  await update(ns, columns, column.$sequence, { values: { status: 'available' }, updatedAt: column.$updatedAt });
}

/** An index that cannot be built, a unique one over duplicates above all, ends as `failed` and says why. */
export async function addIndex(ns: Namespace, index: IndexDocument): Promise<void> {
  const { database, table, type, columns: covered } = index.values;
  const owner = { database, table };
  const rows = rowsOf(database, table, await findBy(ns, columns, owner));
  const expressions = covered.map((key) => {
    const text = rows.attributes[key]?.kind === 'string' && !rows.attributes[key].array;
    return text ? `${SCHEMA}.fold(${columnName(key)})` : columnName(key);
  });
  const name = indexName(ns, index);
  const target = ns.table(rows.name);
  const statement = type === 'fulltext'
    ? `CREATE INDEX IF NOT EXISTS ${name} ON ${target} USING gin (to_tsvector('simple', ${SCHEMA}.fold(${columnName(covered[0] ?? '')})))`
    : `CREATE ${type === 'unique' ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${name} ON ${target} (${expressions.join(', ')})`;
  try {
    await ns.query(statement);
    await update(ns, indexes, index.$sequence, { values: { status: 'available' } });
  } catch (error) {
    await update(ns, indexes, index.$sequence, { values: { status: 'failed', error: error instanceof Error ? error.message : String(error) } });
  }
}

export async function removeIndex(ns: Namespace, index: IndexDocument): Promise<void> {
  await ns.query(`DROP INDEX IF EXISTS ${SCHEMA}.${indexName(ns, index)}`);
}

function indexName(ns: Namespace, index: IndexDocument): string {
  return ns.indexName(rowsOf(index.values.database, index.values.table, []).name, `index_${index.$sequence}`);
}
