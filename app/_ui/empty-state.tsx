import type { ReactNode } from 'react';

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  /** What this place is for. */
  children: ReactNode;
  action?: ReactNode;
  /** The same step from a terminal. */
  command?: ReactNode;
}

/** An honest empty place: what it is, the one next action, and the line that does it from a terminal. */
export function EmptyState({ icon, title, children, action, command }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-4 rounded-card border border-dashed border-line px-4 py-12 text-center sm:px-8">
      <span className="flex size-10 items-center justify-center rounded-card bg-hover text-muted">{icon}</span>
      <div className="max-w-md">
        <h2 className="text-lg">{title}</h2>
        <p className="mt-1 text-muted">{children}</p>
      </div>
      {action}
      {command !== undefined && <div className="w-full max-w-2xl min-w-0 text-left">{command}</div>}
    </div>
  );
}
