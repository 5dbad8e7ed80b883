'use client';

import { useId, useRef, type ReactNode } from 'react';
import { cx } from './cx';
import { placeBeside } from './float';

/** Words on hover and on focus. What is inside must be able to take focus, or be given it by the caller. */
export function Tooltip({ text, className, children }: { text: ReactNode; className?: string; children: ReactNode }) {
  const id = useId();
  const anchorRef = useRef<HTMLSpanElement>(null);
  const tipRef = useRef<HTMLSpanElement>(null);
  const show = () => {
    const tip = tipRef.current;
    const anchor = anchorRef.current;
    if (tip === null || anchor === null || tip.matches(':popover-open')) return;
    anchor.firstElementChild?.setAttribute('aria-describedby', id);
    tip.showPopover();
    placeBeside(tip, anchor, { align: 'center', side: 'top' });
  };
  const hide = () => tipRef.current?.hidePopover();
  return (
    <span
      ref={anchorRef}
      onPointerEnter={show}
      onPointerLeave={hide}
      onFocus={show}
      onBlur={hide}
      onKeyDown={(event) => {
        if (event.key === 'Escape') hide();
      }}
      className={cx('inline-flex min-w-0', className)}
    >
      {children}
      <span ref={tipRef} id={id} role="tooltip" popover="manual" className="pointer-events-none fixed m-0 max-w-72 rounded-control bg-ink px-2 py-1 text-xs break-words text-canvas">
        {text}
      </span>
    </span>
  );
}
