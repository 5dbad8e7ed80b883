'use client';

import { useState, type FormEvent } from 'react';
import { shownProblem } from '@/app/_forms/problem';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { countOf, type BulkAct } from './bulk-act';

type Outcome = { done: true } | { done: false; why: string };

/** One question for many rows, then one act after the other; each that fails is told with its reason and can be tried again. */
export function BulkDialog({ verb, noun, ids, nameOf, act, onChanged, onClose, children }: BulkAct & { ids: readonly string[]; onClose: () => void }) {
  const [names] = useState(() => new Map(ids.map((id) => [id, nameOf(id)])));
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [busy, setBusy] = useState(false);
  const open = ids.filter((id) => outcomes.get(id)?.done !== true);
  const failed = ids.filter((id) => outcomes.get(id)?.done === false);
  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const now = new Map(outcomes);
    for (const id of open) {
      now.set(id, await outcomeOf(act(id)));
      setOutcomes(new Map(now));
    }
    await onChanged().catch(() => notify('error', { title: 'The list could not be read again', description: 'Reload the page to see how it is now.' }));
    setBusy(false);
    if (![...now.values()].every(({ done }) => done)) return;
    onClose();
    notify('success', { title: `${countOf(ids.length, noun)}: done` });
  };
  return (
    <Dialog title={`${verb} ${countOf(ids.length, noun)}`} sticky={busy} onClose={onClose}>
      <form method="post" onSubmit={(event) => void run(event)} className="flex flex-col gap-4">
        <div className="text-muted">{children}</div>
        {failed.length > 0 && !busy && (
          <p role="alert" className="rounded-card bg-bad-soft px-4 py-3">
            {countOf(failed.length, noun)} of {ids.length} could not be done. The others are.
          </p>
        )}
        <ul aria-label="Selected" className="max-h-60 divide-y divide-line overflow-y-auto rounded-card border border-line">
          {ids.map((id) => (
            <Line key={id} name={names.get(id) ?? id} outcome={outcomes.get(id)} running={busy && id === open[0]} />
          ))}
        </ul>
        <DialogActions>
          <Button kind="quiet" aria-disabled={busy || undefined} onClick={busy ? undefined : onClose}>
            {failed.length > 0 ? 'Close' : 'Cancel'}
          </Button>
          <Button type="submit" kind="danger" busy={busy}>
            {busy ? `${ids.length - open.length} of ${ids.length}` : failed.length > 0 ? 'Try again' : `${verb} ${countOf(ids.length, noun)}`}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Line({ name, outcome, running }: { name: string; outcome: Outcome | undefined; running: boolean }) {
  return (
    <li className="flex gap-2.5 px-3 py-2">
      {outcome?.done === true ? (
        <Icon name="check" className="mt-0.5 text-good" />
      ) : outcome?.done === false ? (
        <Icon name="circle-alert" className="mt-0.5 text-bad" />
      ) : (
        <Icon name={running ? 'loader-circle' : 'circle'} className={running ? 'spin mt-0.5 text-info' : 'mt-0.5 text-subtle'} />
      )}
      <div className="min-w-0">
        <p className="truncate">
          {name}
          {outcome?.done === true && <span className="sr-only">: done</span>}
        </p>
        {outcome?.done === false && <p className="text-sm break-words text-bad">{outcome.why}</p>}
      </div>
    </li>
  );
}

async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work;
    return { done: true };
  } catch (error) {
    const { title, detail, requestId } = shownProblem(error);
    return { done: false, why: [detail ?? title, requestId === undefined ? '' : `Request ${requestId}`].filter((part) => part !== '').join(' ') };
  }
}
