'use client';

import { Failure } from '@/app/_ui/failure';

export default function AuthError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div className="py-12">
      <Failure digest={error.digest} retry={reset} />
    </div>
  );
}
