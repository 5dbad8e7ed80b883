import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';

export type StepState = 'waiting' | 'running' | 'retrying' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone';

export interface StepShown {
  key: string;
  name: string;
  state: StepState;
  /** Elapsed time or duration, already in words. */
  timing: string | null;
  /** Attempt and reason, in plain words. */
  note: string | null;
}

const words: Record<StepState, string> = {
  waiting: 'Waiting',
  running: 'Running',
  done: 'Done',
  retrying: 'Retrying',
  skipped: 'Skipped',
  failed: 'Failed',
  undoing: 'Being undone',
  undone: 'Undone',
};

const icons: Record<StepState, ReactNode> = {
  waiting: <Icon name="circle" className="text-subtle" />,
  running: <Icon name="loader-circle" className="spin text-info" />,
  done: <Icon name="check" className="text-good" />,
  retrying: <Icon name="rotate-cw" className="text-warn" />,
  skipped: <Icon name="minus" className="text-subtle" />,
  failed: <Icon name="triangle-alert" className="text-bad" />,
  undoing: <Icon name="loader-circle" className="spin text-warn" />,
  undone: <Icon name="undo-2" className="text-subtle" />,
};

const inks: Record<StepState, string> = {
  waiting: 'text-muted',
  running: 'text-info',
  done: 'text-good',
  retrying: 'text-warn',
  skipped: 'text-muted',
  failed: 'text-bad',
  undoing: 'text-warn',
  undone: 'text-muted',
};

/** A vertical list of named steps; each says its state in words and how long it took or has been at it. */
export function StepList({ label, steps }: { label: string; steps: readonly StepShown[] }) {
  return (
    <ol aria-label={label} className="flex flex-col">
      {steps.map((step, index) => (
        <li key={step.key} className="relative flex gap-3 pb-5 last:pb-0" data-state={step.state}>
          {index < steps.length - 1 && <span aria-hidden className={cx('absolute top-7 bottom-0 left-[13px] w-px', step.state === 'done' ? 'bg-good' : 'bg-line')} />}
          <span className="z-10 flex size-7 shrink-0 items-center justify-center rounded-full border border-line bg-surface">{icons[step.state]}</span>
          <div className="min-w-0 flex-1 pt-0.5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className={cx('font-medium', step.state === 'waiting' && 'text-muted')}>{step.name}</span>
              <span className={cx('text-sm tabular-nums', inks[step.state])}>
                {words[step.state]}
                {step.timing !== null && ` · ${step.timing}`}
              </span>
            </div>
            {step.note !== null && <p className="text-sm break-words text-muted">{step.note}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
