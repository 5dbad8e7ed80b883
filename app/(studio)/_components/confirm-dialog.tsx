'use client';

import { useState, type FormEvent, type ReactNode } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { TextField } from '@/app/_ui/field';
import { ProblemSummary, type ProblemShown } from '@/app/_ui/problem-summary';

interface ConfirmDialogProps {
  title: string;
  /** Exactly what is lost, and until when it can be undone. */
  children: ReactNode;
  action: string;
  /** What the way back is called. */
  keep?: string | undefined;
  /** Must be typed before the button works. */
  typed?: string;
  onClose: () => void;
  onConfirm: () => Promise<void>;
}

/** A second look before something is lost. Closes by itself when the act succeeded. */
export function ConfirmDialog({ title, children, action, keep = 'Cancel', typed, onClose, onConfirm }: ConfirmDialogProps) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (typed !== undefined && text !== typed) return setWrong(true);
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(shownProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form method="post" noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <ProblemSummary problem={problem} />
        <div className="flex flex-col gap-2 text-muted">{children}</div>
        {typed !== undefined && (
          <TextField
            label={`Type ${typed} to confirm`}
            autoFocus
            autoComplete="off"
            value={text}
            error={wrong ? 'This is not the same text.' : undefined}
            onChange={(event) => {
              setText(event.target.value);
              setWrong(false);
            }}
          />
        )}
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            {keep}
          </Button>
          <Button type="submit" kind="danger" busy={busy}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
