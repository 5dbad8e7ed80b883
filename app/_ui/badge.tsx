import type { ReactNode } from 'react';
import { cx } from './cx';

export type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'info';

const tones: Record<Tone, string> = {
  neutral: 'bg-hover text-muted',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
};

/** A state in words; colour only underlines it. */
export function Badge({ tone = 'neutral', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={`badge ${tones[tone]}`}>
      {icon}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A line that must be noticed, in the flow of the page. */
export function Notice({ tone = 'neutral', icon, title, children }: { tone?: Tone; icon?: ReactNode; title?: string; children?: ReactNode }) {
  return (
    <div className={cx('flex gap-3 rounded-card px-4 py-3', tones[tone])}>
      {icon !== undefined && <span className="mt-0.5">{icon}</span>}
      <div className="min-w-0 flex-1 break-words">
        {title !== undefined && <p className="font-medium">{title}</p>}
        {children !== undefined && <div className="text-ink">{children}</div>}
      </div>
    </div>
  );
}
