'use client';

import { Failure } from '@/app/_ui/failure';

export default function StudioError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div className="mx-auto max-w-xl px-4 py-24">
      <Failure digest={error.digest} retry={reset} />
    </div>
  );
}
