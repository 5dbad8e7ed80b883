import { cx } from '@/app/_ui/cx';
import { Link } from '@/app/_ui/link';
import type { EnvironmentName } from '@/lib/projects/env/schemas';

interface EnvironmentNavProps {
  /** The address of the page, without its query. */
  path: string;
  shown: EnvironmentName;
  present: readonly EnvironmentName[];
}

/** Which environment's app is shown. They are added and removed where their variables are. */
export function EnvironmentNav({ path, shown, present }: EnvironmentNavProps) {
  if (present.length < 2) return null;
  return (
    <nav aria-label="Environments" className="flex flex-wrap gap-1">
      {present.map((name) => (
        <Link
          key={name}
          href={environmentHref(path, name)}
          aria-current={name === shown ? 'page' : undefined}
          className={cx('inline-flex h-9 items-center rounded-control px-3', name === shown ? 'bg-hover font-medium text-ink' : 'text-muted hover:bg-hover hover:text-ink')}
        >
          {name.charAt(0).toUpperCase() + name.slice(1)}
        </Link>
      ))}
    </nav>
  );
}

export function environmentHref(path: string, name: EnvironmentName): string {
  return name === 'production' ? path : `${path}?environment=${name}`;
}
