'use client';

import { useState, type FormEvent } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { Button } from '@/app/_ui/button';
import { control } from '@/app/_ui/control';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { Checkbox } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary, type ProblemShown } from '@/app/_ui/problem-summary';
import { Tabs } from '@/app/_ui/tabs';
import { ApiProblem, apiPost, type ProblemField } from '@/lib/http/client';
import type { EnvironmentName, VariableChanges, VariableView } from '@/lib/projects/env/schemas';
import { ChangesReview } from './changes-review';
import { errorsByRow, rowsOf, toVariables, type VariableRow } from './variable-rows';
import { VariableGrid } from './variable-grid';

interface VariablesDialogProps {
  projectId: string;
  environment: EnvironmentName;
  variables: readonly VariableView[];
  version: number;
  onClose: () => void;
  /** What the page shows is out of date: it was saved here, or changed by somebody else. */
  onStale: () => void;
}

type Change = { variables: ReturnType<typeof toVariables>; replace: true } | { dotenv: string; replace: boolean };

/** Edits all variables of a project at once, in a grid or as text; what changes is shown before it is saved. */
export function VariablesDialog({ projectId, environment, variables, version, onClose, onStale }: VariablesDialogProps) {
  const [rows, setRows] = useState<VariableRow[]>(() => rowsOf(variables));
  const [text, setText] = useState('');
  const [replace, setReplace] = useState(false);
  const [review, setReview] = useState<{ change: Change; changes: VariableChanges } | null>(null);
  const [errors, setErrors] = useState<readonly ProblemField[]>([]);
  const [rowErrors, setRowErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [problem, setProblem] = useState<ProblemShown | null>(null);
  const [busy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setErrors([]);
    setRowErrors(new Map());
    try {
      await work();
    } catch (error) {
      setReview(null);
      // The next look is at what is there by then; what was typed stays.
      if (error instanceof ApiProblem && error.code === 'conflict') onStale();
      const fields = error instanceof ApiProblem ? error.errors : [];
      setErrors(fields);
      setRowErrors(errorsByRow(rows, fields));
      setProblem(fields.length > 0 ? markedBelow(fields.length) : shownProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const send = (body: object) => apiPost<VariableChanges>(`/projects/${projectId}/env/variables?environment=${environment}`, { ...body, version }, null);
  const look = (change: Change) => (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => setReview({ change, changes: await send({ ...change, preview: true }) }));
  };
  const save = ({ change }: { change: Change }) =>
    void attempt(async () => {
      await send(change);
      notify('success', { title: 'Variables saved' });
      onStale();
      onClose();
    });
  const lineErrors = errors.filter(({ pointer }) => pointer === '/dotenv');
  const actions = (
    <DialogActions>
      <Button kind="quiet" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" kind="primary" busy={busy}>
        Review changes
      </Button>
    </DialogActions>
  );

  return (
    <Dialog title={`Variables of ${environment}`} description="Secrets are kept sealed and never shown again. Those that the backend gives are not listed: they follow it by themselves." width="wide" sticky onClose={onClose}>
      <ProblemSummary problem={problem} />
      {review !== null && <ChangesReview changes={review.changes} busy={busy} onBack={() => setReview(null)} onSave={() => save(review)} />}
      <div hidden={review !== null}>
        <Tabs
          label="How to edit"
          items={[
            {
              key: 'grid',
              label: 'Grid',
              content: (
                <form method="post" noValidate onSubmit={look({ variables: toVariables(rows), replace: true })} className="flex flex-col gap-4">
                  <VariableGrid rows={rows} errors={rowErrors} onChange={setRows} />
                  {actions}
                </form>
              ),
            },
            {
              key: 'text',
              label: 'Paste a .env',
              content: (
                <form method="post" noValidate onSubmit={look({ dotenv: text, replace })} className="flex flex-col gap-4">
                  <label className="flex flex-col gap-1.5 text-sm font-medium">
                    Text of the file
                    <textarea
                      value={text}
                      onChange={(event) => setText(event.target.value)}
                      rows={10}
                      spellCheck={false}
                      autoComplete="off"
                      placeholder={'# Comments, quotes and values of several lines are fine\nDATABASE_URL="postgres://…"'}
                      className={`${control} py-2 font-mono text-sm font-normal`}
                    />
                  </label>
                  {lineErrors.length > 0 && (
                    <ul className="list-disc pl-5 text-sm text-bad">
                      {lineErrors.map(({ detail }) => (
                        <li key={detail} className="break-words">
                          {detail}
                        </li>
                      ))}
                    </ul>
                  )}
                  <Checkbox label="Remove every variable that the text does not name" checked={replace} onChange={(event) => setReplace(event.target.checked)} />
                  {actions}
                </form>
              ),
            },
          ]}
        />
      </div>
    </Dialog>
  );
}

function markedBelow(count: number): ProblemShown {
  return { title: count === 1 ? 'One variable cannot be saved' : `${count} variables cannot be saved`, detail: 'What is wrong is said below. Nothing was changed.' };
}
