'use client';

import { cx } from './cx';
import { Icon } from './icon';
import { HeadCell } from './table';

/** A field by which a list is sorted; a minus turns it round, as the API writes it. */
export type SortKey<Field extends string> = Field | `-${Field}`;

interface SortCellProps<Field extends string> {
  field: Field;
  sort: SortKey<Field>;
  /** The next order: pressing again turns it round. */
  onSort: (sort: SortKey<Field>) => void;
  /** As the column's cells are. */
  align?: 'start' | 'end';
  className?: string;
  children: string;
}

/** The head of a column that sorts the whole list, not only the rows shown. */
export function SortCell<Field extends string>({ field, sort, onSort, align = 'start', className, children }: SortCellProps<Field>) {
  const turned = sort === `-${field}`;
  const active = turned || sort === field;
  return (
    <HeadCell aria-sort={active ? (turned ? 'descending' : 'ascending') : undefined} className={cx(align === 'end' && 'text-right', className)}>
      <button type="button" onClick={() => onSort(sort === field ? `-${field}` : field)} className={cx('-mx-1 inline-flex h-6 items-center gap-1 rounded-control px-1 hover:text-ink', align === 'end' && 'flex-row-reverse')}>
        {children}
        <Icon name={turned ? 'arrow-down' : 'arrow-up'} className={active ? 'size-3' : 'invisible size-3'} />
      </button>
    </HeadCell>
  );
}
