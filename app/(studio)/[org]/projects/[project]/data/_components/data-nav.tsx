import type { ReactNode } from 'react';
import { cx } from '@/app/_ui/cx';
import { Icon } from '@/app/_ui/icon';
import { Link } from '@/app/_ui/link';
import type { BucketsView, TablesView } from '@/lib/projects/data/schemas';

interface DataNavProps {
  base: string;
  tables: TablesView['data'];
  buckets: BucketsView['data'];
  /** `database/table` or the id of a bucket. */
  current: string;
}

export function DataNav({ base, tables, buckets, current }: DataNavProps) {
  const databases = [...new Map(tables.map(({ database }) => [database.id, database])).values()];
  return (
    <nav aria-label="Tables and buckets" className="flex min-w-0 flex-col gap-4">
      {databases.map((database) => (
        <Group key={database.id} title={database.name}>
          {tables
            .filter((table) => table.database.id === database.id)
            .map((table) => (
              <Entry
                key={table.id}
                href={`${base}?${new URLSearchParams({ database: database.id, table: table.id })}`}
                current={current === `${database.id}/${table.id}`}
                icon={<Icon name="table-2" />}
              >
                {table.name}
              </Entry>
            ))}
        </Group>
      ))}
      {buckets.length > 0 && (
        <Group title="Buckets">
          {buckets.map((bucket) => (
            <Entry key={bucket.id} href={`${base}?${new URLSearchParams({ bucket: bucket.id })}`} current={current === bucket.id} icon={<Icon name="folder" />}>
              {bucket.name}
            </Entry>
          ))}
        </Group>
      )}
    </nav>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h2 className="truncate px-2 pb-1 text-xs font-medium text-subtle">{title}</h2>
      <ul className="flex flex-col gap-0.5">{children}</ul>
    </div>
  );
}

function Entry({ href, current, icon, children }: { href: string; current: boolean; icon: ReactNode; children: ReactNode }) {
  return (
    <li>
      <Link
        href={href}
       
        aria-current={current ? 'page' : undefined}
        className={cx('flex h-8 min-w-0 items-center gap-2.5 rounded-control px-2', current ? 'bg-hover font-medium' : 'text-muted hover:bg-hover hover:text-ink')}
      >
        {icon}
        <span className="truncate">{children}</span>
      </Link>
    </li>
  );
}
