import { cx } from './cx';

/** A grey piece of the real layout while data comes. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('skeleton', className ?? 'h-4 w-full')} />;
}

/** A page of header and rows, for the moments before a list arrives. */
export function PageSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" className="mx-auto flex w-full max-w-[1120px] flex-col gap-6 px-4 py-6 sm:px-6 lg:px-8">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-7 w-48" />
      <div className="flex flex-col gap-px overflow-hidden rounded-card border border-line">
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="flex h-14 items-center gap-4 px-4">
            <Skeleton className="h-4 w-1/3" />
            <Skeleton className="h-4 w-24" />
          </div>
        ))}
      </div>
    </div>
  );
}
