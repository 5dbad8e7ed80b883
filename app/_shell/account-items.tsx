'use client';

import { Icon } from '@/app/_ui/icon';
import { MenuChoice, MenuItem, MenuItems, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu-items';
import { useTheme } from '@/app/_ui/theme';
import { paths } from '@/lib/paths';
import { signOut } from './sign-out';

const themes = [
  ['system', 'monitor', 'As the system'],
  ['light', 'sun', 'Light'],
  ['dark', 'moon', 'Dark'],
] as const;

export function AccountItems({ name }: { name: string }) {
  const { theme, setTheme } = useTheme();
  return (
    <MenuItems label={`Account of ${name}`}>
      <MenuLabel>{name}</MenuLabel>
      <MenuLink href={paths.account} icon={<Icon name="user" />}>
        Profile and password
      </MenuLink>
      <MenuLink href={paths.sessions} icon={<Icon name="monitor-smartphone" />}>
        Sessions
      </MenuLink>
      <MenuRule />
      {themes.map(([key, icon, words]) => (
        <MenuChoice key={key} checked={theme === key} icon={<Icon name={icon} />} onSelect={() => setTheme(key)}>
          {words}
        </MenuChoice>
      ))}
      <MenuRule />
      <MenuItem icon={<Icon name="log-out" />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </MenuItems>
  );
}
