import type { AppwriteErrorType } from '../errors';

/** The two names under which the same tables are reached: tables, rows, columns and the older collections, documents, attributes. */
export interface Dialect {
  base: '/v1/tablesdb' | '/v1/databases';
  /** The `type` of databases that this family makes and lists. */
  type: 'tablesdb' | 'legacy';
  /** How messages name the family. */
  family: 'tablesDB' | 'database';
  table: 'table' | 'collection';
  tables: 'tables' | 'collections';
  row: 'row' | 'document';
  rows: 'rows' | 'documents';
  column: 'column' | 'attribute';
  columns: 'columns' | 'attributes';
  rowSecurity: 'rowSecurity' | 'documentSecurity';
  error: Record<
    | 'tableExists' | 'tableMissing' | 'rowExists' | 'rowMissing' | 'rowInvalid' | 'rowMissingData' | 'rowMissingPayload'
    | 'columnExists' | 'columnMissing' | 'columnUnavailable' | 'columnUnknown' | 'columnValue' | 'columnDefault' | 'columnLimit',
    AppwriteErrorType
  >;
}

export const TABLES: Dialect = {
  base: '/v1/tablesdb', type: 'tablesdb', family: 'tablesDB', table: 'table', tables: 'tables', row: 'row', rows: 'rows',
  column: 'column', columns: 'columns', rowSecurity: 'rowSecurity',
  error: {
    tableExists: 'table_already_exists', tableMissing: 'table_not_found', rowExists: 'row_already_exists', rowMissing: 'row_not_found',
    rowInvalid: 'row_invalid_structure', rowMissingData: 'row_missing_data', rowMissingPayload: 'row_missing_payload',
    columnExists: 'column_already_exists', columnMissing: 'column_not_found', columnUnavailable: 'column_not_available',
    columnUnknown: 'column_unknown', columnValue: 'column_value_invalid', columnDefault: 'column_default_unsupported', columnLimit: 'column_limit_exceeded',
  },
};

export const COLLECTIONS: Dialect = {
  base: '/v1/databases', type: 'legacy', family: 'database', table: 'collection', tables: 'collections', row: 'document', rows: 'documents',
  column: 'attribute', columns: 'attributes', rowSecurity: 'documentSecurity',
  error: {
    tableExists: 'collection_already_exists', tableMissing: 'collection_not_found', rowExists: 'document_already_exists', rowMissing: 'document_not_found',
    rowInvalid: 'document_invalid_structure', rowMissingData: 'document_missing_data', rowMissingPayload: 'document_missing_payload',
    columnExists: 'attribute_already_exists', columnMissing: 'attribute_not_found', columnUnavailable: 'attribute_not_available',
    columnUnknown: 'attribute_unknown', columnValue: 'attribute_value_invalid', columnDefault: 'attribute_default_unsupported', columnLimit: 'attribute_limit_exceeded',
  },
};

/** `row` → `Row`, for messages. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
