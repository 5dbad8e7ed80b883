'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import type { Selection } from '@/app/_ui/selection';
import { countOf, type BulkAct } from './bulk-act';
import { BulkDialog } from './bulk-dialog';

/** What can be done with the chosen rows, at the foot of the window while some are chosen. */
export function BulkBar({ selection, ...bulk }: BulkAct & { selection: Selection }) {
  // What was chosen when the dialog opened: rows that are done leave the list meanwhile.
  const [asked, setAsked] = useState<readonly string[] | null>(null);
  const count = selection.ids.length;
  return (
    <>
      <div role="status" className="sr-only">
        {count > 0 && `${count} selected`}
      </div>
      {count > 0 && (
        <div role="toolbar" aria-label="With the selected" className="rise sticky bottom-4 z-10 mx-auto flex max-w-full items-center gap-2 rounded-card border border-line bg-surface py-2 pr-2 pl-4 shadow-float">
          <span className="mr-2 whitespace-nowrap tabular-nums">{count} selected</span>
          <Button kind="quiet" onClick={selection.clear}>
            Clear
          </Button>
          <Button kind="danger" onClick={() => setAsked(selection.ids)}>
            {bulk.verb} {countOf(count, bulk.noun)}
          </Button>
        </div>
      )}
      {asked !== null && <BulkDialog {...bulk} ids={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
