'use client';

import { Menu } from '@/app/_ui/menu';
import { onDemand } from '@/app/_ui/on-demand';
import type { ProjectItemsProps } from './project-items';
import { SwitcherFace, switcherClass } from './switcher-face';

const ProjectItems = onDemand(async () => (await import('./project-items')).ProjectItems);

export function ProjectSwitcher(props: ProjectItemsProps) {
  const { name } = props.current;
  return (
    <Menu label={`Project ${name}, switch`} triggerClassName={switcherClass} trigger={<SwitcherFace name={name} />}>
      <ProjectItems {...props} />
    </Menu>
  );
}
