import type { ComponentProps } from 'react';
import { control } from './control';
import { cx } from './cx';
import { Icon } from './icon';

/** The native select: it opens as the reader's system does and works on phones. */
export function Select({ className, ...select }: ComponentProps<'select'>) {
  return (
    <span className={cx('relative inline-flex min-w-0', className ?? 'w-full')}>
      <select {...select} className={cx(control, 'h-9 appearance-none truncate pr-8')} />
      <Icon name="chevron-down" className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-muted" />
    </span>
  );
}
