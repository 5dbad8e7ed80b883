'use client';

import { Command } from 'cmdk';
import { useRouter } from 'next/navigation';
import { useEffectEvent, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { isDark, useTheme } from '@/app/_ui/theme';
import { useRemote } from '@/app/_live/use-remote';
import { paths } from '@/lib/paths';
import type { ProjectPage } from '@/lib/projects/schemas';
import { signOut } from './sign-out';
import { accountNav, organizationNav, projectNav, refusalOf } from './navigation';
import type { ShortcutsProps } from './shortcuts';

interface PaletteProps extends ShortcutsProps {
  /** Gives, once, what was typed before this was there. */
  takeAhead: () => string;
  onClose: () => void;
}

/** Everything that can be gone to or done, found by typing. */
export function Palette({ organizations, organization, projectId, takeAhead, onClose }: PaletteProps) {
  const router = useRouter();
  const { setTheme } = useTheme();
  const dark = isDark();
  const [words, setWords] = useState('');
  const dialogRef = useRef<HTMLDialogElement>(null);
  const projects = useProjectsFor(organization?.id, words);
  const begin = useEffectEvent(() => setWords(takeAhead()));
  // Before the element leaves the page: a dialog closed later gives no focus back.
  useLayoutEffect(() => {
    const dialog = dialogRef.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      dialog.querySelector('input')?.focus();
      begin();
    }
    return () => dialog?.close();
  }, []);
  const run = (act: () => void) => () => {
    onClose();
    act();
  };
  const goTo = (href: string) => run(() => router.push(href));
  const pages = organization === undefined ? accountNav : [...(projectId === undefined ? [] : projectNav(organization.slug, projectId)), ...organizationNav(organization.slug), ...accountNav];
  const missing = organization?.missing ?? [];
  return (
    <dialog
      ref={dialogRef}
      aria-label="Search or jump to"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className="rise mx-auto mt-[12dvh] w-[calc(100vw-2rem)] max-w-xl overflow-hidden rounded-card border border-line bg-surface shadow-float"
    >
      <Command label="Search or jump to" loop>
        <Command.Input value={words} onValueChange={setWords} placeholder="Type a page, a project or an action" className="h-12 w-full border-b border-line bg-transparent px-4 text-lg outline-none placeholder:text-subtle" />
        <Command.List tabIndex={-1} className="max-h-[50dvh] overflow-y-auto p-2">
          <Command.Empty className="px-3 py-6 text-center text-muted">Nothing matches.</Command.Empty>
          {organization !== undefined && projects.length > 0 && (
            <Group title="Projects">
              {projects.map((project) => (
                <Item key={project.id} value={`${project.name} ${project.id}`} icon={<Icon name="boxes" />} onSelect={goTo(paths.project(organization.slug, project.id))}>
                  {project.name}
                </Item>
              ))}
            </Group>
          )}
          <Group title="Go to">
            {pages
              .filter((entry) => refusalOf(entry.right, missing) === undefined)
              .map((entry) => (
                <Item key={entry.key} value={`go to ${entry.label}`} icon={<Icon name={entry.icon} />} onSelect={goTo(entry.href)}>
                  {entry.label}
                </Item>
              ))}
          </Group>
          <Group title="Do">
            {organization !== undefined && refusalOf('project:create', missing) === undefined && (
              <Item value="create project" icon={<Icon name="folder-plus" />} onSelect={goTo(paths.newProject(organization.slug))}>
                Create project
              </Item>
            )}
            <Item value="create organization" icon={<Icon name="plus" />} onSelect={goTo(paths.newOrganization)}>
              Create organization
            </Item>
            {organization !== undefined && projectId !== undefined && refusalOf('deployment:write', missing) === undefined && (
              <Item value="deploy project" icon={<Icon name="rocket" />} onSelect={goTo(paths.deploy(organization.slug, projectId))}>
                Deploy project
              </Item>
            )}
            {organization !== undefined && refusalOf('railway:manage', missing) === undefined && (
              <Item value="connect railway" icon={<Icon name="plug" />} onSelect={goTo(`${paths.organizationSettings(organization.slug)}#railway`)}>
                Connect Railway
              </Item>
            )}
            {projectId !== undefined && (
              <Item value="copy project id" icon={<Icon name="copy" />} onSelect={run(() => void copyId(projectId))}>
                Copy project id
              </Item>
            )}
            {organization !== undefined && (
              <Item value="copy organization id" icon={<Icon name="copy" />} onSelect={run(() => void copyId(organization.id))}>
                Copy organization id
              </Item>
            )}
            <Item value="switch theme dark light" icon={dark ? <Icon name="sun" /> : <Icon name="moon" />} onSelect={run(() => setTheme(dark ? 'light' : 'dark'))}>
              {dark ? 'Use the light theme' : 'Use the dark theme'}
            </Item>
            <Item value="sign out" icon={<Icon name="log-out" />} onSelect={run(() => void signOut())}>
              Sign out
            </Item>
          </Group>
          {organizations.length > 1 && (
            <Group title="Switch organization">
              {organizations.map((each) => (
                <Item key={each.id} value={`switch to ${each.name} ${each.id}`} icon={<Icon name="building-2" />} onSelect={goTo(paths.organization(each.slug))}>
                  {each.name}
                </Item>
              ))}
            </Group>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}

/** Projects whose name holds the words; the server looks, so any of thousands is found. */
function useProjectsFor(organizationId: string | undefined, words: string) {
  const query = new URLSearchParams({ organization_id: organizationId ?? '', limit: '8', ...(words === '' ? {} : { q: words }) });
  const { data } = useRemote<ProjectPage>({ path: organizationId === undefined ? null : `/projects?${query}` });
  return data?.data ?? [];
}

async function copyId(id: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(id);
    notify('success', { title: 'Copied', description: id });
  } catch {
    // Browsers refuse the clipboard on plain http; showing the id lets it be copied by hand.
    notify('message', { title: 'The browser did not allow copying', description: id });
  }
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Command.Group heading={title} className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-subtle">
      {children}
    </Command.Group>
  );
}

function Item({ value, icon, onSelect, children }: { value: string; icon: ReactNode; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item value={value} onSelect={onSelect} className="flex h-9 min-w-0 cursor-pointer items-center gap-3 rounded-control px-3 data-[selected=true]:bg-hover">
      {icon}
      <span className="truncate">{children}</span>
    </Command.Item>
  );
}
