'use client';

import { Icon } from './icon';
import { MenuItem, MenuItems } from './menu-items';
import type { RowAction } from './row-menu';

/** The inside of a row's menu, loaded when the first one is opened. */
export function RowActions({ label, actions }: { label: string; actions: readonly RowAction[] }) {
  return (
    <MenuItems label={label}>
      {actions.map(({ icon, words, danger = false, refusal, onSelect }) => (
        <MenuItem key={words} danger={danger} icon={<Icon name={icon} />} disabledReason={refusal} onSelect={onSelect}>
          {words}
        </MenuItem>
      ))}
    </MenuItems>
  );
}
