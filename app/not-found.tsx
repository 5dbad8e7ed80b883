import type { Metadata } from 'next';
import { ButtonLink } from './_ui/button-link';
import { Logo } from './_ui/logo';

export const metadata: Metadata = { title: 'Not found' };

/** Outside the studio; inside, the shell stays around its own page. */
export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-4">
      <Logo className="size-8" />
      <h1 className="text-xl">There is nothing here</h1>
      <p className="text-muted">The address is mistyped, or what was here is gone or not yours to see.</p>
      <ButtonLink kind="primary" href="/">
        Go to the start
      </ButtonLink>
    </main>
  );
}
