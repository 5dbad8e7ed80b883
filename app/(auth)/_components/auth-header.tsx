import type { ReactNode } from 'react';

/** The head of each page outside the studio. */
export function AuthHeader({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header>
      <h1 className="text-xl">{title}</h1>
      {children !== undefined && <p className="mt-1.5 text-muted">{children}</p>}
    </header>
  );
}
