'use client';

import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';
import { Link } from './link';

/** The inside of a menu: arrows, Home, End and first letters move the focus as the ARIA pattern asks. */
export function MenuItems({ label, children }: { label: string; children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (ref.current !== null) items(ref.current)[0]?.focus();
  }, []);
  return (
    <div
      ref={ref}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={moveFocus}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('[role^=menuitem]:not([aria-disabled=true])') !== null) close(event.currentTarget);
      }}
    >
      {children}
    </div>
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

function close(menu: HTMLElement): void {
  menu.closest<HTMLElement>('[popover]')?.hidePopover();
}

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]')];
}

function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const menu = event.currentTarget;
  const all = items(menu);
  const at = all.findIndex((item) => item === document.activeElement);
  const target = targetOf(event.key, all, at);
  if (event.key === 'Tab') close(menu);
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
