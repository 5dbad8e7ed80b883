'use client';

import { useState } from 'react';
import { ExpiryField, expiryToIso } from '@/app/(studio)/_components/expiry-field';
import { ScopePicker } from '@/app/(studio)/_components/scope-picker';
import { nameRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import type { CreatedKey } from '@/lib/projects/key/schemas';
import { defaultScopes, grantableScopes } from '@/lib/projects/key/scopes';

interface CreateKeyDialogProps {
  projectId: string;
  onClose: () => void;
  onMade: (key: CreatedKey) => void;
}

export function CreateKeyDialog({ projectId, onClose, onMade }: CreateKeyDialogProps) {
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set(defaultScopes));
  const form = useApiForm({
    fields: {
      name: { label: 'Name', rule: nameRule('a name', 60) },
      expires_at: { label: 'Ends', start: '90' },
    },
    send: async ({ name, expires_at: expiry }, intent) => {
      onMade(await apiPost<CreatedKey>(`/projects/${projectId}/keys`, { name, scopes: [...scopes], expires_at: expiryToIso(expiry) }, intent));
    },
  });
  return (
    <Dialog title="Create key" width="wide" onClose={onClose}>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField autoFocus autoComplete="off" placeholder="Import job" {...form.field('name')} />
          <ExpiryField {...form.field('expires_at')} />
        </div>
        <ScopePicker all={grantableScopes} chosen={scopes} onChange={setScopes} />
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            Create key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
