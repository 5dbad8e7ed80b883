'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, type RefObject } from 'react';
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
  // What is typed while the palette is on its way.
  const ahead = useRef('');
  useShortcuts(props, ahead);
  const close = () => onOverlay(null);
  const takeAhead = () => {
    const typed = ahead.current;
    ahead.current = '';
    return typed;
  };
  return (
    <>
      {overlay === 'palette' && <Palette {...props} takeAhead={takeAhead} onClose={close} />}
      {overlay === 'help' && <ShortcutSheet onClose={close} />}
    </>
  );
}

/** How long `g` waits for its second key. */
const chordMs = 1200;

/** Times of events count from the load of the page, so 0 would be a moment ago on a new page. */
const never = Number.NEGATIVE_INFINITY;

function useShortcuts({ organization, projectId, overlay, onOverlay }: ShortcutsProps, ahead: RefObject<string>): void {
  const router = useRouter();
  const chordAt = useRef(never);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      onOverlay(overlay === 'palette' ? null : 'palette');
      return;
    }
    if (overlay === 'palette' && document.querySelector('dialog[open]') === null && isText(event)) {
      event.preventDefault();
      ahead.current += event.key;
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
  const begin = useEffectEvent(() => {
    const early = globalThis.takeEarlyKeys?.() ?? null;
    if (early === null) return;
    ahead.current = early;
    onOverlay('palette');
  });
  useEffect(() => {
    begin();
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

function isText({ key, metaKey, ctrlKey, altKey }: KeyboardEvent): boolean {
  return key.length === 1 && !metaKey && !ctrlKey && !altKey;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, [role=menu]') !== null);
}
