'use client';

import { requiredRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';

interface StepUpDialogProps {
  purpose: string;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Asks for the password again. For five minutes afterwards it is not asked for. */
export function StepUpDialog({ purpose, onClose, onDone }: StepUpDialogProps) {
  const form = useApiForm({
    fields: { password: { label: 'Password', rule: requiredRule('Type your password.') } },
    send: async (values) => {
      await apiPost('/auth/step-up', values, null);
      await onDone();
    },
  });
  return (
    <Dialog title="Your password, please" description={purpose} onClose={onClose}>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField type="password" autoComplete="current-password" autoFocus {...form.field('password')} />
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            Continue
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
