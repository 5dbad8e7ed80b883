'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef } from 'react';
import { onDemand } from '@/app/_ui/on-demand';
import { paths } from '@/lib/paths';
import { organizationNav, projectNav, refusalOf, type ShellOrganization } from './navigation';

const Palette = onDemand(async () => (await import('./palette')).Palette);
const ShortcutSheet = onDemand(async () => (await import('./shortcut-sheet')).ShortcutSheet);

export type Overlay = 'palette' | 'help';

export interface ShortcutsProps {
  organizations: readonly ShellOrganization[];
  organization: ShellOrganization | undefined;
  projectId: string | undefined;
  overlay: Overlay | null;
  onOverlay: (overlay: Overlay | null) => void;
}

/** The keyboard of the whole studio. What it opens is loaded when first asked for. */
export function Shortcuts(props: ShortcutsProps) {
  const { overlay, onOverlay } = props;
  useShortcuts(props);
  const close = () => onOverlay(null);
  return (
    <>
      {overlay === 'palette' && <Palette {...props} onClose={close} />}
      {overlay === 'help' && <ShortcutSheet onClose={close} />}
    </>
  );
}

/** How long `g` waits for its second key. */
const chordMs = 1200;

/** Times of events count from the load of the page, so 0 would be a moment ago on a new page. */
const never = Number.NEGATIVE_INFINITY;

function useShortcuts({ organization, projectId, overlay, onOverlay }: ShortcutsProps): void {
  const router = useRouter();
  const chordAt = useRef(never);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onOverlay(overlay === 'palette' ? null : 'palette');
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
    const inChord = event.timeStamp - chordAt.current < chordMs;
    chordAt.current = never;
    if (inChord) return go(event);
    if (event.key === 'g') chordAt.current = event.timeStamp;
    else if (event.key === '?') onOverlay('help');
    else if (event.key === 'c' && organization !== undefined && refusalOf('project:create', organization.missing) === undefined) router.push(paths.newProject(organization.slug));
    else if (event.key === '/') focusFilter(event);
  });
  const go = (event: KeyboardEvent) => {
    if (organization === undefined) return;
    const entries = [...(projectId === undefined ? [] : projectNav(organization.slug, projectId)), ...organizationNav(organization.slug)];
    const entry = entries.find((each) => each.shortcut === event.key);
    if (entry !== undefined && refusalOf(entry.right, organization.missing) === undefined) router.push(entry.href);
  };
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function focusFilter(event: KeyboardEvent): void {
  const filter = document.querySelector<HTMLElement>('[data-filter]');
  if (filter === null) return;
  event.preventDefault();
  filter.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, [role=menu]') !== null);
}
