import type { ReactNode } from 'react';
import { cx } from '@/app/_ui/cx';

/** One line of a list of facts, for use inside `dl`. */
export function Fact({ label, mono = false, children }: { label: string; mono?: boolean; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className={cx('flex min-h-8 min-w-0 flex-wrap items-center gap-x-2 break-all', mono && 'font-mono text-sm')}>{children}</dd>
    </div>
  );
}
