'use client';

import { Icon } from './icon';
import type { IconName } from './icon-shapes';
import { Menu } from './menu';
import { onDemand } from './on-demand';

export interface RowAction {
  icon: IconName;
  words: string;
  danger?: boolean;
  /** Why it cannot be used now; it stays in sight. */
  refusal?: string | undefined;
  onSelect: () => void;
}

const RowActions = onDemand(async () => (await import('./row-actions')).RowActions);

/** What can be done with one row of a table. */
export function RowMenu({ label, actions }: { label: string; actions: readonly RowAction[] }) {
  return (
    <Menu label={label} align="end" triggerClassName="inline-flex size-8 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-ink" trigger={<Icon name="ellipsis" />}>
      <RowActions label={label} actions={actions} />
    </Menu>
  );
}
