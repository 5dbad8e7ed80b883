'use client';

import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { placeBeside } from './float';

export interface MenuProps {
  /** What a screen reader says for the button. Left out when the button has words of its own. */
  label?: string;
  trigger: ReactNode;
  triggerClassName?: string;
  align?: 'start' | 'end';
  /** A `MenuItems`, shown while the menu is open; its code may come on demand. */
  children: ReactNode;
}

/** A menu button on the popover element: top layer, light dismiss, Esc and giving back the focus come from the browser. */
export function Menu({ label, trigger, triggerClassName, align = 'start', children }: MenuProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const buttonRef = useRef<HTMLButtonElement>(null);
  const panelRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const panel = panelRef.current;
    const button = buttonRef.current;
    if (panel === null || button === null) return;
    const onToggle = (event: ToggleEvent) => setOpen(event.newState === 'open');
    // The items may arrive after the panel; it is put in its place whenever its size changes.
    const sized = new ResizeObserver(() => placeBeside(panel, button, { align }));
    panel.addEventListener('toggle', onToggle);
    // The browser opens it by itself, also for somebody who is faster than this script.
    setOpen(panel.matches(':popover-open'));
    sized.observe(panel);
    return () => {
      panel.removeEventListener('toggle', onToggle);
      sized.disconnect();
    };
  }, [align]);
  return (
    <>
      <button
        ref={buttonRef}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        popoverTarget={id}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          panelRef.current?.showPopover();
        }}
        className={triggerClassName}
      >
        {trigger}
      </button>
      <div
        ref={panelRef}
        id={id}
        popover="auto"
        className="rise fixed m-0 max-h-[70dvh] max-w-[calc(100vw-1rem)] min-w-52 overflow-y-auto rounded-card border border-line bg-surface p-1 shadow-float"
      >
        {open && children}
      </div>
    </>
  );
}
