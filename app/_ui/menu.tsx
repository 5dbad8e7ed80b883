'use client';

import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { cx } from './cx';
import { placeBeside } from './float';
import { Icon } from './icon';
import { Link } from './link';

export interface MenuProps {
  /** What a screen reader says for the button. Left out when the button has words of its own. */
  label?: string;
  trigger: ReactNode;
  triggerClassName?: string;
  align?: 'start' | 'end';
  onOpen?: () => void;
  children: ReactNode;
}

/**
 * A menu button on the popover element: top layer, light dismiss and Esc come from the browser;
 * arrows, Home, End and first letters are added as the ARIA pattern asks.
 */
export function Menu({ label, trigger, triggerClassName, align = 'start', onOpen, children }: MenuProps) {
  const id = useId();
  const buttonRef = useRef<HTMLButtonElement>(null);
  const menuRef = useRef<HTMLDivElement>(null);
  useExpanded(menuRef, buttonRef, align, onOpen);
  return (
    <>
      <button
        ref={buttonRef}
        type="button"
        aria-haspopup="menu"
        aria-expanded="false"
        aria-label={label}
        popoverTarget={id}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          menuRef.current?.showPopover();
        }}
        className={triggerClassName}
      >
        {trigger}
      </button>
      <div
        ref={menuRef}
        id={id}
        role="menu"
        tabIndex={-1}
        aria-label={label}
        popover="auto"
        onKeyDown={moveFocus}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('[role^=menuitem]:not([aria-disabled=true])') !== null) menuRef.current?.hidePopover();
        }}
        className="rise fixed m-0 max-h-[70dvh] max-w-[calc(100vw-1rem)] min-w-52 overflow-y-auto rounded-card border border-line bg-surface p-1 shadow-float outline-none"
      >
        {children}
      </div>
    </>
  );
}

const itemClass =
  'flex w-full min-w-0 items-center gap-2.5 rounded-control px-2 py-1.5 text-left text-base outline-none focus:bg-hover hover:bg-hover aria-disabled:opacity-55';

interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  /** Why it cannot be used now; it stays in sight. */
  disabledReason?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, danger = false, disabledReason, onSelect, children }: MenuItemProps) {
  const off = disabledReason !== undefined;
  return (
    <button type="button" role="menuitem" tabIndex={-1} aria-disabled={off || undefined} title={disabledReason} onClick={off ? undefined : onSelect} className={cx(itemClass, danger && 'text-bad')}>
      {icon}
      <span className="min-w-0 truncate">{children}</span>
    </button>
  );
}

export function MenuLink({ href, icon, current = false, children }: { href: string; icon?: ReactNode; current?: boolean; children: ReactNode }) {
  return (
    <Link href={href} role="menuitem" tabIndex={-1} aria-current={current || undefined} className={itemClass}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {current && <Icon name="check" className="text-muted" />}
    </Link>
  );
}

export function MenuChoice({ checked, icon, onSelect, children }: { checked: boolean; icon?: ReactNode; onSelect: () => void; children: ReactNode }) {
  return (
    <button type="button" role="menuitemradio" tabIndex={-1} aria-checked={checked} onClick={onSelect} className={itemClass}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {checked && <Icon name="check" className="text-muted" />}
    </button>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <div role="presentation" className="truncate px-2 pt-2 pb-1 text-xs text-subtle">
      {children}
    </div>
  );
}

export function MenuRule() {
  return <div role="separator" className="my-1 h-px bg-line" />;
}

function useExpanded(menuRef: RefObject<HTMLDivElement | null>, buttonRef: RefObject<HTMLButtonElement | null>, align: 'start' | 'end', onOpen?: () => void) {
  const onOpenRef = useRef(onOpen);
  useEffect(() => {
    onOpenRef.current = onOpen;
  });
  useEffect(() => {
    const menu = menuRef.current;
    const button = buttonRef.current;
    if (menu === null || button === null) return;
    const onToggle = (event: ToggleEvent) => {
      const open = event.newState === 'open';
      button.setAttribute('aria-expanded', String(open));
      if (!open) return;
      placeBeside(menu, button, { align });
      (items(menu)[0] ?? menu).focus();
      onOpenRef.current?.();
    };
    menu.addEventListener('toggle', onToggle);
    return () => menu.removeEventListener('toggle', onToggle);
  }, [menuRef, buttonRef, align]);
}

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]')];
}

function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const menu = event.currentTarget;
  const all = items(menu);
  const at = all.findIndex((item) => item === document.activeElement);
  const target = targetOf(event.key, all, at);
  if (event.key === 'Tab') menu.hidePopover();
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}

function targetOf(key: string, all: readonly HTMLElement[], at: number): HTMLElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return all[(at + 1) % all.length];
    case 'ArrowUp':
      return all.at(at <= 0 ? -1 : at - 1);
    case 'Home':
      return all[0];
    case 'End':
      return all.at(-1);
    default: {
      if (!/^[\p{L}\p{N}]$/u.test(key)) return undefined;
      const after = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      return after.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
    }
  }
}
