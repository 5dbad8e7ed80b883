'use client';

import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { SelectField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import type { CreatedKey, KeyView } from '@/lib/projects/key/schemas';

const overlaps: readonly [number, string][] = [
  [0, 'End at once'],
  [300, 'Work on for 5 minutes'],
  [3600, 'Work on for an hour'],
  [86_400, 'Work on for a day'],
];

interface RotateDialogProps {
  projectId: string;
  of: KeyView;
  onClose: () => void;
  onMade: (key: CreatedKey) => void;
}

export function RotateDialog({ projectId, of: key, onClose, onMade }: RotateDialogProps) {
  const form = useApiForm({
    fields: { overlap_seconds: { label: 'The old key', start: '3600' } },
    send: async ({ overlap_seconds: overlap }, intent) => {
      onMade(await apiPost<CreatedKey>(`/projects/${projectId}/keys/${key.id}/rotate`, { overlap_seconds: Number(overlap) }, intent));
    },
  });
  return (
    <Dialog title={`Rotate ${key.name}`} description="A new key with the same scopes takes its place. Both work during the overlap, so nothing has to stop." onClose={onClose}>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <SelectField help="Afterwards it is revoked by itself." {...form.field('overlap_seconds')}>
          {overlaps.map(([seconds, words]) => (
            <option key={seconds} value={seconds}>
              {words}
            </option>
          ))}
        </SelectField>
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            Rotate key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
