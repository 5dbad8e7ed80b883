'use client';

import { useId, useState } from 'react';
import { Button } from '@/app/_ui/button';
import { SearchInput } from '@/app/_ui/search-input';

interface ScopePickerProps {
  all: readonly string[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

/** A list of scopes to tick, with a filter; it says how many are chosen. */
export function ScopePicker({ all, chosen, onChange }: ScopePickerProps) {
  const id = useId();
  const [words, setWords] = useState('');
  const shown = all.filter((scope) => scope.includes(words.trim().toLowerCase()));
  const set = (scopes: readonly string[], on: boolean) => {
    const next = new Set(chosen);
    for (const scope of scopes) {
      if (on) next.add(scope);
      else next.delete(scope);
    }
    onChange(next);
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">
        Scopes <span className="font-normal text-muted tabular-nums">{chosen.size} chosen</span>
      </legend>
      <div className="flex flex-wrap gap-2">
        <SearchInput label="Filter scopes" value={words} onChange={setWords} />
        <Button onClick={() => set(shown, true)}>Choose shown</Button>
        <Button onClick={() => set(shown, false)}>Clear shown</Button>
      </div>
      <div role="group" aria-label="Scopes" tabIndex={0} className="grid max-h-56 grid-cols-1 gap-x-4 overflow-y-auto rounded-control border border-control p-2 sm:grid-cols-2">
        {shown.map((scope) => (
          <label key={scope} htmlFor={`${id}-${scope}`} className="flex min-h-7 items-center gap-2.5 rounded-control px-1.5 hover:bg-hover">
            <input id={`${id}-${scope}`} type="checkbox" checked={chosen.has(scope)} onChange={(event) => set([scope], event.target.checked)} className="size-4 accent-accent" />
            <code className="truncate font-mono text-sm">{scope}</code>
          </label>
        ))}
        {shown.length === 0 && <p className="p-2 text-muted">No scope matches.</p>}
      </div>
    </fieldset>
  );
}
