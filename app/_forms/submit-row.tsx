'use client';

import { Button } from '@/app/_ui/button';
import { Tooltip } from '@/app/_ui/tooltip';

interface SubmitRowProps {
  busy: boolean;
  dirty: boolean;
  /** Why this person cannot save. */
  reason?: string | undefined;
  label?: string;
  onReset: () => void;
}

/** The end of a settings form: save, and back to what it was while something is changed. */
export function SubmitRow({ busy, dirty, reason, label = 'Save', onReset }: SubmitRowProps) {
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {dirty && !busy && (
        <Button kind="quiet" onClick={onReset}>
          Undo changes
        </Button>
      )}
      {reason === undefined ? (
        <Button type="submit" kind="primary" busy={busy}>
          {label}
        </Button>
      ) : (
        <Tooltip text={reason}>
          <Button kind="primary" aria-disabled>
            {label}
          </Button>
        </Tooltip>
      )}
    </div>
  );
}
