'use client';

import { useRemote } from '@/app/_live/use-remote';
import { Icon } from '@/app/_ui/icon';
import { MenuItems, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu-items';
import { paths } from '@/lib/paths';
import type { ProjectPage } from '@/lib/projects/schemas';

export interface ProjectItemsProps {
  organizationId: string;
  slug: string;
  current: { id: string; name: string };
}

/** The newest projects, asked for when the menu opens; the palette finds all others. */
export function ProjectItems({ organizationId, slug, current }: ProjectItemsProps) {
  const { data } = useRemote<ProjectPage>({ path: `/projects?${new URLSearchParams({ organization_id: organizationId, limit: '12' })}` });
  const others = data?.data.filter((project) => project.id !== current.id) ?? [];
  return (
    <MenuItems label="Projects">
      <MenuLabel>Projects</MenuLabel>
      <MenuLink href={paths.project(slug, current.id)} current>
        {current.name}
      </MenuLink>
      {others.map((project) => (
        <MenuLink key={project.id} href={paths.project(slug, project.id)}>
          {project.name}
        </MenuLink>
      ))}
      <MenuRule />
      <MenuLink href={paths.organization(slug)} icon={<Icon name="boxes" />}>
        All projects
      </MenuLink>
      <MenuLink href={paths.newProject(slug)} icon={<Icon name="plus" />}>
        Create project
      </MenuLink>
    </MenuItems>
  );
}
