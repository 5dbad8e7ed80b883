import { cx } from './cx';

/** A grey piece of the real layout while data comes. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('skeleton', className ?? 'h-4 w-full')} />;
}
