import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';

/**
 * A table in a card, which gives its rows and cells their look. Its columns show by the card's width, for a sidebar
 * may take the window's. Where they do not fit, it scrolls inside its own frame, which the keyboard can reach, and
 * keeps what is only for screen readers inside too.
 */
export function Table({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <div role="region" aria-label={label} tabIndex={0} className={cx('@container relative overflow-x-auto rounded-card border border-line bg-surface', className)}>
      <table className="rows w-full border-collapse text-left text-base tabular-nums">{children}</table>
    </div>
  );
}

export function HeadRow({ children }: { children: ReactNode }) {
  return (
    <thead>
      <tr className="border-b border-line bg-sunken">{children}</tr>
    </thead>
  );
}

export function HeadCell({ className, children, ...rest }: ComponentProps<'th'>) {
  return (
    <th scope="col" {...rest} className={cx('px-4 py-2 text-xs font-medium whitespace-nowrap text-muted', className)}>
      {children}
    </th>
  );
}
