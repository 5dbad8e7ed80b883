'use client';

import { Menu } from '@/app/_ui/menu';
import { onDemand } from '@/app/_ui/on-demand';

export interface ShellUser {
  name: string;
}

const AccountItems = onDemand(async () => (await import('./account-items')).AccountItems);

export function AccountMenu({ user }: { user: ShellUser }) {
  return (
    <Menu
      label={`Account of ${user.name}`}
      align="end"
      triggerClassName="ml-1 inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent-text"
      trigger={<span aria-hidden data-initials={initials(user.name)} className="before:content-[attr(data-initials)]" />}
    >
      <AccountItems name={user.name} />
    </Menu>
  );
}

function initials(name: string): string {
  const parts = name.split(/\s+/).filter((part) => part !== '');
  const first = [...(parts[0] ?? '')][0] ?? '?';
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? '')][0] ?? '') : '';
  return `${first}${last}`.toUpperCase();
}
