'use client';

import './globals.css';
import { Failure } from './_ui/failure';

/** Stands in for the root layout when that itself failed. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Something failed · Studio</title>
        <main className="mx-auto max-w-xl px-4 py-24">
          <Failure digest={error.digest} retry={reset} />
        </main>
      </body>
    </html>
  );
}
