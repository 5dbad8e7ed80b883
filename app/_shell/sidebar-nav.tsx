'use client';

import { usePathname } from 'next/navigation';
import { cx } from '@/app/_ui/cx';
import { Icon } from '@/app/_ui/icon';
import { Link } from '@/app/_ui/link';
import { Tooltip } from '@/app/_ui/tooltip';
import type { Right } from '@/lib/identity/access/policy';
import { accountNav, organizationNav, projectNav, refusalOf, type NavEntry, type ShellOrganization } from './navigation';

interface SidebarNavProps {
  organization: ShellOrganization | undefined;
  projectId: string | undefined;
  /** Icons only; the words move into tooltips. */
  collapsed?: boolean;
  onNavigate?: () => void;
}

export function SidebarNav({ organization, projectId, collapsed = false, onNavigate }: SidebarNavProps) {
  const path = usePathname();
  const groups =
    organization === undefined
      ? [{ title: 'Account', entries: accountNav }]
      : [
          ...(projectId === undefined ? [] : [{ title: 'Project', entries: projectNav(organization.slug, projectId) }]),
          { title: 'Organization', entries: organizationNav(organization.slug) },
        ];
  return (
    <nav aria-label="Main" className="flex flex-col gap-5 p-3">
      {groups.map((group) => (
        <div key={group.title}>
          <h2 className={cx('px-2 pb-1 text-xs font-medium text-subtle', collapsed && 'sr-only')}>{group.title}</h2>
          <ul className="flex flex-col gap-0.5">
            {group.entries.map((entry) => (
              <li key={entry.key}>
                <Entry entry={entry} current={isCurrent(entry, path)} missing={organization?.missing ?? []} collapsed={collapsed} {...(onNavigate === undefined ? {} : { onNavigate })} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

interface EntryProps {
  entry: NavEntry;
  current: boolean;
  missing: readonly Right[];
  collapsed: boolean;
  onNavigate?: () => void;
}

function Entry({ entry, current, missing, collapsed, onNavigate }: EntryProps) {
  const refusal = refusalOf(entry.right, missing);
  const shape = cx('flex h-8 w-full items-center gap-2.5 rounded-control px-2 text-base transition-colors duration-150', collapsed && 'justify-center');
  const words = <span className={collapsed ? 'sr-only' : 'truncate'}>{entry.label}</span>;
  const link =
    refusal === undefined ? (
      <Link
        href={entry.href}
        aria-current={current ? 'page' : undefined}
        {...(onNavigate === undefined ? {} : { onClick: onNavigate })}
        className={cx(shape, current ? 'bg-hover font-medium text-ink' : 'text-muted hover:bg-hover hover:text-ink')}
      >
        <Icon name={entry.icon} />
        {words}
      </Link>
    ) : (
      <span role="link" tabIndex={0} aria-disabled="true" className={cx(shape, 'text-muted opacity-60')}>
        <Icon name={entry.icon} />
        {words}
      </span>
    );
  const tip = refusal ?? (collapsed ? entry.label : undefined);
  return tip === undefined ? (
    link
  ) : (
    <Tooltip text={tip} className="w-full">
      {link}
    </Tooltip>
  );
}

/** The organization's and the project's start pages are prefixes of everything below them. */
function isCurrent(entry: NavEntry, path: string): boolean {
  if (entry.key === 'projects') return path === entry.href || path === `${entry.href}/new-project`;
  return path === entry.href || (entry.key !== 'overview' && entry.key !== 'profile' && path.startsWith(`${entry.href}/`));
}
