import { cx } from './cx';

/** How much of a limit is used, as a figure and a bar; from four fifths on it warns in words too. */
export function Meter({ label, used, limit }: { label: string; used: number; limit: number | null }) {
  const share = limit === null ? 0 : limit === 0 ? 1 : Math.min(1, used / limit);
  const full = limit !== null && used >= limit;
  const state = full ? 'Used up' : share >= 0.8 ? 'Nearly used up' : null;
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        <h3 className="text-base font-medium">{label}</h3>
        {state !== null && <span className={cx('text-sm', full ? 'text-bad' : 'text-warn')}>{state}</span>}
      </div>
      <p className="mt-1 text-2xl font-semibold tabular-nums">
        {used.toLocaleString('en')}
        <span className="text-base font-normal text-muted"> {limit === null ? 'without limit' : `of ${limit.toLocaleString('en')}`}</span>
      </p>
      {limit !== null && (
        <div role="meter" aria-label={`${label} used`} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(used, limit)} aria-valuetext={`${used} of ${limit}`} className="mt-2 h-1.5 overflow-hidden rounded-full bg-hover">
          <div className={cx('h-full rounded-full', full ? 'bg-bad' : share >= 0.8 ? 'bg-warn' : 'bg-accent')} style={{ width: `${share * 100}%` }} />
        </div>
      )}
    </div>
  );
}
