'use client';

import { TriangleAlert } from 'lucide-react';
import { Button } from './button';
import { CopyButton } from './copy-button';

/** A page that could not be made. `digest` is the number under which the server logged why. */
export function Failure({ digest, retry }: { digest: string | undefined; retry: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-4">
      <TriangleAlert aria-hidden className="size-6 text-bad" strokeWidth={1.5} />
      <div>
        <h1 className="text-xl">This page failed to load</h1>
        <p className="mt-1 text-muted">Nothing was changed or lost. Try again; if it stays, pass the number below to who runs this server.</p>
      </div>
      {digest !== undefined && (
        <p className="flex items-center gap-1 text-sm text-muted">
          Error <code className="font-mono">{digest}</code>
          <CopyButton text={digest} label="Copy error number" />
        </p>
      )}
      <Button kind="primary" onClick={retry}>
        Try again
      </Button>
    </div>
  );
}
