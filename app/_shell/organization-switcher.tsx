'use client';

import { Icon } from '@/app/_ui/icon';
import { Menu, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu';
import { paths } from '@/lib/paths';

interface OrganizationSwitcherProps {
  current: string;
  organizations: readonly { id: string; name: string; slug: string }[];
}

export const switcherClass = 'flex h-8 min-w-0 items-center gap-1.5 rounded-control px-1.5 font-medium hover:bg-hover';

export function OrganizationSwitcher({ current, organizations }: OrganizationSwitcherProps) {
  const name = organizations.find((each) => each.slug === current)?.name ?? current;
  return (
    <Menu label={`Organization ${name}, switch`} triggerClassName={switcherClass} trigger={<SwitcherFace name={name} />}>
      <MenuLabel>Organizations</MenuLabel>
      {organizations.map((each) => (
        <MenuLink key={each.id} href={paths.organization(each.slug)} current={each.slug === current}>
          {each.name}
        </MenuLink>
      ))}
      <MenuRule />
      <MenuLink href={paths.newOrganization} icon={<Icon name="plus" />}>
        Create organization
      </MenuLink>
    </Menu>
  );
}

export function SwitcherFace({ name }: { name: string }) {
  return (
    <>
      <span className="max-w-56 truncate">{name}</span>
      <Icon name="chevrons-up-down" className="text-subtle" />
    </>
  );
}
