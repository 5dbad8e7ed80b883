'use client';

import { useState } from 'react';
import { HeadCell } from './table';

/** Which rows of a list are chosen; rows that are no longer shown are not. */
export interface Selection {
  /** In the order of the list. */
  ids: readonly string[];
  possible: number;
  /** Rows were chosen, though they may have left the list since. */
  begun: boolean;
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  /** Chooses every row that can be, or none when all are. */
  toggleAll: () => void;
  clear: () => void;
}

/** `possible` are the ids of the rows that can be chosen, in the order of the list. */
export function useSelection(possible: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = possible.filter((id) => chosen.has(id));
  return {
    ids,
    possible: possible.length,
    begun: chosen.size > 0,
    has: (id) => chosen.has(id),
    toggle: (id) => setChosen(new Set(ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id])),
    toggleAll: () => setChosen(new Set(ids.length === possible.length ? [] : possible)),
    clear: () => setChosen(new Set()),
  };
}

/** The column's head: all or none. Leave the column out where no row can be chosen. */
export function SelectHead({ selection, label }: { selection: Selection; label: string }) {
  return (
    <HeadCell className="w-8 pr-0">
      <SelectBox label={label} checked={selection.ids.length === selection.possible} partly={selection.ids.length > 0} onChange={selection.toggleAll} />
    </HeadCell>
  );
}

export function SelectCell({ selection, id, label, possible = true }: { selection: Selection; id: string; label: string; possible?: boolean }) {
  return <td className="w-8 pr-0">{possible && <SelectBox label={label} checked={selection.has(id)} onChange={() => selection.toggle(id)} />}</td>;
}

/** A checkbox with room around it for a finger. */
export function SelectBox({ label, checked, partly = false, onChange }: { label: string; checked: boolean; partly?: boolean; onChange: () => void }) {
  return (
    <label className="-m-1 inline-flex size-6 items-center justify-center align-middle">
      <input
        ref={(box) => {
          if (box !== null) box.indeterminate = partly && !checked;
        }}
        type="checkbox"
        aria-label={label}
        checked={checked}
        onChange={onChange}
        className="size-4 accent-accent"
      />
    </label>
  );
}
