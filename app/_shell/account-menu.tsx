'use client';

import { useTheme } from 'next-themes';
import { shownProblem } from '@/app/_forms/problem';
import { Icon } from '@/app/_ui/icon';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu';
import { notify } from '@/app/_ui/notify';
import { useHydrated } from '@/app/_ui/use-hydrated';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';

export interface ShellUser {
  name: string;
}

export function AccountMenu({ user }: { user: ShellUser }) {
  const { theme, setTheme } = useTheme();
  // The server does not know the theme, so no choice is ticked before the browser has taken over.
  const chosen = useHydrated() ? theme : undefined;
  return (
    <Menu
      label={`Account of ${user.name}`}
      align="end"
      triggerClassName="ml-1 inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent-text"
      trigger={<span aria-hidden data-initials={initials(user.name)} className="before:content-[attr(data-initials)]" />}
    >
      <MenuLabel>{user.name}</MenuLabel>
      <MenuLink href={paths.account} icon={<Icon name="user" />}>
        Profile and password
      </MenuLink>
      <MenuLink href={paths.sessions} icon={<Icon name="monitor-smartphone" />}>
        Sessions
      </MenuLink>
      <MenuRule />
      <MenuChoice checked={chosen === 'system'} icon={<Icon name="monitor" />} onSelect={() => setTheme('system')}>
        As the system
      </MenuChoice>
      <MenuChoice checked={chosen === 'light'} icon={<Icon name="sun" />} onSelect={() => setTheme('light')}>
        Light
      </MenuChoice>
      <MenuChoice checked={chosen === 'dark'} icon={<Icon name="moon" />} onSelect={() => setTheme('dark')}>
        Dark
      </MenuChoice>
      <MenuRule />
      <MenuItem icon={<Icon name="log-out" />} onSelect={signOut}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

export async function signOut(): Promise<void> {
  try {
    await apiPost('/auth/logout', {}, null);
    window.location.assign(paths.signIn);
  } catch (error) {
    const { title, detail } = shownProblem(error);
    notify('error', { title, description: detail });
  }
}

function initials(name: string): string {
  const parts = name.split(/\s+/).filter((part) => part !== '');
  const first = [...(parts[0] ?? '')][0] ?? '?';
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? '')][0] ?? '') : '';
  return `${first}${last}`.toUpperCase();
}
