'use client';

import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { IconButton } from './button';
import { cx } from './cx';
import { Icon } from './icon';

interface DialogProps {
  title: string;
  description?: ReactNode;
  /** Called on Esc, on the close button and on a press outside. The caller unmounts the dialog. */
  onClose: () => void;
  /** Refuses Esc and presses outside, for what must not be lost by accident. */
  sticky?: boolean;
  width?: 'narrow' | 'wide';
  children: ReactNode;
}

/**
 * A modal on the native dialog element: the browser traps focus, closes on Esc and gives focus back.
 * Mount it to open it.
 */
export function Dialog({ title, description, onClose, sticky = false, width = 'narrow', children }: DialogProps) {
  const titleId = useId();
  const ref = useModal();
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (!sticky) onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget && !sticky) onClose();
      }}
      className={cx(
        'rise m-auto text-left max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] overflow-y-auto rounded-card border border-line bg-surface shadow-float',
        width === 'wide' ? 'max-w-2xl' : 'max-w-md',
      )}
    >
      <div className="flex flex-col gap-4 p-5">
        <header className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <h2 id={titleId} className="text-lg break-words">
              {title}
            </h2>
            {description !== undefined && <div className="mt-1 text-sm text-muted">{description}</div>}
          </div>
          {!sticky && (
            <IconButton label="Close" onClick={onClose} className="-mt-1 -mr-1.5">
              <Icon name="x" />
            </IconButton>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap justify-end gap-2 pt-1">{children}</div>;
}

/** The same modal as a panel from the left, for navigation on phones. */
export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const ref = useModal();
  return (
    <dialog
      ref={ref}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className="slide-in m-0 h-dvh max-h-none w-72 max-w-[85vw] overflow-y-auto border-r border-line bg-surface shadow-float"
    >
      {children}
    </dialog>
  );
}

function useModal() {
  const ref = useRef<HTMLDialogElement>(null);
  // Before the element leaves the page: a dialog closed later gives no focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      // By itself the browser would choose the close button.
      dialog.querySelector<HTMLElement>('form input, form select')?.focus();
    }
    return () => dialog?.close();
  }, []);
  return ref;
}
