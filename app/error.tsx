'use client';

import { Failure } from './_ui/failure';

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="mx-auto max-w-xl px-4 py-24">
      <Failure digest={error.digest} retry={reset} />
    </main>
  );
}
