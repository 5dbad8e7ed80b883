'use client';

import { Icon } from '@/app/_ui/icon';
import { MenuItems, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu-items';
import { paths } from '@/lib/paths';

export interface OrganizationItemsProps {
  /** The slug of the organization whose page this is. */
  current: string;
  organizations: readonly { id: string; name: string; slug: string }[];
}

export function OrganizationItems({ current, organizations }: OrganizationItemsProps) {
  return (
    <MenuItems label="Organizations">
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
    </MenuItems>
  );
}
