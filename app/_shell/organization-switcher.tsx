'use client';

import { Menu } from '@/app/_ui/menu';
import { onDemand } from '@/app/_ui/on-demand';
import type { OrganizationItemsProps } from './organization-items';
import { SwitcherFace, switcherClass } from './switcher-face';

const OrganizationItems = onDemand(async () => (await import('./organization-items')).OrganizationItems);

export function OrganizationSwitcher(props: OrganizationItemsProps) {
  const name = props.organizations.find((each) => each.slug === props.current)?.name ?? props.current;
  return (
    <Menu label={`Organization ${name}, switch`} triggerClassName={switcherClass} trigger={<SwitcherFace name={name} />}>
      <OrganizationItems {...props} />
    </Menu>
  );
}
