import { Card } from '@/app/_ui/card';
import { cx } from '@/app/_ui/cx';
import type { ProofView } from '@/lib/trust/proof/schemas';

const number = (value: number) => value.toLocaleString('en');

/** How many of the probes are made, in words and as a bar. */
export function ProofProgress({ of: { state, probes_planned: planned, probes_made: made, leaks } }: { of: ProofView }) {
  const waiting = state === 'queued' || planned === null;
  const share = waiting || planned === 0 ? 0 : made / planned;
  const words = state === 'queued' ? 'Waiting for the worker' : waiting ? 'Making the stranger and their organization' : `${number(made)} of ${number(planned)} probes, ${leaks === 0 ? 'nothing reached' : `${number(leaks)} reached something`}`;
  return (
    <Card title="Proving isolation">
      <p role="status" className={cx('tabular-nums', leaks > 0 && 'text-bad')}>
        {words}
      </p>
      <div role="progressbar" aria-label="Probes made" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(share * 100)} className="mt-3 h-1.5 overflow-hidden rounded-full bg-hover">
        <div className={cx('h-full rounded-full transition-[width] motion-reduce:transition-none', leaks > 0 ? 'bg-bad' : 'bg-accent')} style={{ width: `${share * 100}%` }} />
      </div>
    </Card>
  );
}
