'use client';

import { Button } from '@/app/_ui/button';
import { DialogActions } from '@/app/_ui/dialog';
import { Icon } from '@/app/_ui/icon';
import type { IconName } from '@/app/_ui/icon-shapes';
import type { VariableChanges } from '@/lib/projects/env/schemas';

interface ChangesReviewProps {
  changes: VariableChanges;
  busy: boolean;
  onBack: () => void;
  onSave: () => void;
}

/** What saving would add, change and remove, by name. */
export function ChangesReview({ changes, busy, onBack, onSave }: ChangesReviewProps) {
  const nothing = changes.added.length + changes.changed.length + changes.removed.length === 0;
  return (
    <section aria-label="Changes" className="flex flex-col gap-4">
      {nothing && <p>Nothing would change: all variables have these values already.</p>}
      <Names icon="plus" title="Added" names={changes.added} className="text-good" />
      <Names icon="rotate-cw" title="Changed" names={changes.changed} className="text-warn" />
      <Names icon="minus" title="Removed" names={changes.removed} className="text-bad" />
      <Names icon="lock" title="Left as the backend gives them" names={changes.protected} className="text-muted" />
      {changes.unchanged.length > 0 && <p className="text-sm text-muted">{changes.unchanged.length} unchanged.</p>}
      <DialogActions>
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
        {!nothing && (
          <Button kind="primary" busy={busy} onClick={onSave}>
            Save
          </Button>
        )}
      </DialogActions>
    </section>
  );
}

function Names({ icon, title, names, className }: { icon: IconName; title: string; names: readonly string[]; className: string }) {
  if (names.length === 0) return null;
  return (
    <div>
      <h3 className={`flex items-center gap-2 text-sm font-medium ${className}`}>
        <Icon name={icon} />
        {title}
      </h3>
      <ul className="mt-1 ml-6 flex flex-wrap gap-x-4 gap-y-1 font-mono text-sm">
        {names.map((name) => (
          <li key={name} className="break-all">
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}
