import type { ColumnDocument } from '../schema';

/** What a relationship column says about itself. The side `parent` keeps the id of the other row; `child` keeps nothing. */
export interface Relation {
  key: string;
  relatedTable: string;
  relatedKey: string;
  onDelete: string;
  side: 'parent' | 'child';
}

export function relationsOf(all: readonly ColumnDocument[]): Relation[] {
  return all.filter(({ values }) => values.type === 'relationship').map(({ values: { key: name, options } }) => ({
    key: name, relatedTable: String(options.relatedTable), relatedKey: String(options.twoWayKey), onDelete: String(options.onDelete),
    side: options.side === 'child' ? 'child' : 'parent',
  }));
}
