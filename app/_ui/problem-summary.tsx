'use client';

import { useEffect, useRef } from 'react';
import { Icon } from './icon';

export interface ProblemShown {
  title: string;
  detail?: string | undefined;
  requestId?: string | undefined;
  /** Fields that need attention; `focus` leads to them. */
  fields?: readonly { label: string; focus: () => void }[];
}

/** What went wrong with a form, above it, read out when it appears. */
export function ProblemSummary({ problem }: { problem: ProblemShown | null }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Fields take the focus themselves; without one, the summary does.
    if (problem !== null && (problem.fields ?? []).length === 0) ref.current?.focus();
  }, [problem]);
  if (problem === null) return null;
  return (
    <div ref={ref} tabIndex={-1} role="alert" className="flex gap-3 rounded-card bg-bad-soft px-4 py-3">
      <Icon name="circle-alert" className="mt-0.5 text-bad" />
      <div className="min-w-0 flex-1 break-words">
        <p className="font-medium text-bad">{problem.title}</p>
        {problem.detail !== undefined && <p>{problem.detail}</p>}
        {problem.fields !== undefined && problem.fields.length > 0 && (
          <ul className="mt-1 list-disc pl-4">
            {problem.fields.map((field) => (
              <li key={field.label}>
                <button type="button" onClick={field.focus} className="text-left underline underline-offset-2">
                  {field.label}
                </button>
              </li>
            ))}
          </ul>
        )}
        {problem.requestId !== undefined && (
          <p className="mt-1 text-sm text-muted">
            Request <code className="font-mono text-xs select-all">{problem.requestId}</code>
          </p>
        )}
      </div>
    </div>
  );
}
