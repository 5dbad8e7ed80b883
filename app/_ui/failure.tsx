'use client';

/** A page that could not be made. `digest` is the number under which the server logged why. */
export function Failure({ digest, retry }: { digest: string | undefined; retry: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-4">
      <div>
        <h1 className="text-xl">This page failed to load</h1>
        <p className="mt-1 text-muted">Nothing was changed or lost. Try again; if it stays, tell who runs this server.</p>
      </div>
      {digest !== undefined && (
        <p className="text-sm text-muted">
          Error <code className="font-mono select-all">{digest}</code>
        </p>
      )}
      <button type="button" onClick={retry} className="h-9 rounded-control bg-accent px-3 font-medium text-accent-ink hover:bg-accent-hover">
        Try again
      </button>
    </div>
  );
}
