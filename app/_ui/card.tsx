import type { ReactNode } from 'react';
import { cx } from './cx';

interface CardProps {
  title?: string;
  description?: ReactNode;
  actions?: ReactNode;
  tone?: 'neutral' | 'bad';
  className?: string;
  children?: ReactNode;
}

export function Card({ title, description, actions, tone = 'neutral', className, children }: CardProps) {
  return (
    <section className={cx('min-w-0 rounded-card border bg-surface', tone === 'bad' ? 'border-bad/50' : 'border-line', className)}>
      {title !== undefined && (
        <header className="flex flex-wrap items-start justify-between gap-3 px-5 pt-5">
          <div className="min-w-0 flex-1 basis-64">
            <h2 className="text-lg break-words">{title}</h2>
            {description !== undefined && <div className="mt-1 text-muted">{description}</div>}
          </div>
          {actions}
        </header>
      )}
      <div className="p-5">{children}</div>
    </section>
  );
}

/** The top of every page: its name, what it is for, and what can be done here. */
export function PageHeader({ title, description, badge, actions }: { title: string; description?: ReactNode; badge?: ReactNode; actions?: ReactNode }) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-2.5">
          <h1 className="min-w-0 text-xl break-words">{title}</h1>
          {badge}
        </div>
        {description !== undefined && <p className="mt-1 max-w-prose text-muted">{description}</p>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}

/** The content column: narrow for reading and forms, full for tables. */
export function PageBody({ width = 'reading', children }: { width?: 'form' | 'reading' | 'full'; children: ReactNode }) {
  const widths = { form: 'max-w-2xl', reading: 'max-w-[1120px]', full: 'max-w-none' } as const;
  return <div className={cx('mx-auto flex w-full flex-col gap-6 px-4 py-6 sm:px-6 lg:px-8', widths[width])}>{children}</div>;
}
