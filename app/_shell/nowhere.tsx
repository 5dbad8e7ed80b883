'use client';

import { Link } from '@/app/_ui/link';
import { Logo } from '@/app/_ui/logo';

/**
 * Outside the studio; inside, the shell stays around its own page. Drawn in the browser, because Next puts what a page
 * would show if it were not there into every answer, and this makes that a reference of a few bytes.
 */
export function Nowhere() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-4">
      <Logo className="size-8" />
      <h1 className="text-xl">There is nothing here</h1>
      <p className="text-muted">The address is mistyped, or what was here is gone or not yours to see.</p>
      <Link href="/" className="font-medium text-accent-text underline decoration-1 underline-offset-2 hover:decoration-2">
        Go to the start
      </Link>
    </main>
  );
}
