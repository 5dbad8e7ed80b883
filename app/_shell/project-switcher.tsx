'use client';

import { useState } from 'react';
import { Icon } from '@/app/_ui/icon';
import { Menu, MenuLabel, MenuLink, MenuRule } from '@/app/_ui/menu';
import { useRemote } from '@/app/_live/use-remote';
import { paths } from '@/lib/paths';
import type { ProjectPage } from '@/lib/projects/schemas';
import { SwitcherFace, switcherClass } from './organization-switcher';

interface ProjectSwitcherProps {
  organizationId: string;
  slug: string;
  current: { id: string; name: string };
}

/** The newest projects, asked for when the menu opens; the palette finds all others. */
export function ProjectSwitcher({ organizationId, slug, current }: ProjectSwitcherProps) {
  const [opened, setOpened] = useState(false);
  const { data } = useRemote<ProjectPage>({ path: opened ? `/projects?${new URLSearchParams({ organization_id: organizationId, limit: '12' })}` : null });
  const others = data?.data.filter((project) => project.id !== current.id) ?? [];
  return (
    <Menu label={`Project ${current.name}, switch`} triggerClassName={switcherClass} trigger={<SwitcherFace name={current.name} />} onOpen={() => setOpened(true)}>
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
    </Menu>
  );
}
