'use client';

import { useTheme } from 'next-themes';
import { LogOut, Monitor, MonitorSmartphone, Moon, Sun, User } from 'lucide-react';
import { shownProblem } from '@/app/_forms/problem';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu';
import { notify } from '@/app/_ui/notify';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';

export interface ShellUser {
  name: string;
}

export function AccountMenu({ user }: { user: ShellUser }) {
  const { theme, setTheme } = useTheme();
  return (
    <Menu
      label={`Account of ${user.name}`}
      align="end"
      triggerClassName="ml-1 inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent-text"
      trigger={<span aria-hidden>{initials(user.name)}</span>}
    >
      <MenuLabel>{user.name}</MenuLabel>
      <MenuLink href={paths.account} icon={<User aria-hidden className="icon" />}>
        Profile and password
      </MenuLink>
      <MenuLink href={paths.sessions} icon={<MonitorSmartphone aria-hidden className="icon" />}>
        Sessions
      </MenuLink>
      <MenuRule />
      <MenuChoice checked={theme === 'system'} icon={<Monitor aria-hidden className="icon" />} onSelect={() => setTheme('system')}>
        As the system
      </MenuChoice>
      <MenuChoice checked={theme === 'light'} icon={<Sun aria-hidden className="icon" />} onSelect={() => setTheme('light')}>
        Light
      </MenuChoice>
      <MenuChoice checked={theme === 'dark'} icon={<Moon aria-hidden className="icon" />} onSelect={() => setTheme('dark')}>
        Dark
      </MenuChoice>
      <MenuRule />
      <MenuItem icon={<LogOut aria-hidden className="icon" />} onSelect={signOut}>
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
