import type { ReactNode } from 'react';
import { ButtonLink } from '@/app/_ui/button-link';

/** The 404 and 403 pages; the shell stays around them. */
export function Blank({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-start gap-4 px-4 py-24">
      <span className="flex size-10 items-center justify-center rounded-card bg-hover text-muted">{icon}</span>
      <h1 className="text-xl">{title}</h1>
      <div className="text-muted">{children}</div>
      <ButtonLink href="/">
        Go to the start
      </ButtonLink>
    </div>
  );
}
