'use client';

import { useState, type FormEvent } from 'react';
import { Button } from '@/app/_ui/button';
import { SelectField, TextField } from '@/app/_ui/field';
import type { AuditQuery } from '@/app/(studio)/_components/audit-table';

/** The filters as typed; empty ones let everything through. */
export interface AskedFilters {
  actor: string;
  action: string;
  target: string;
  outcome: string;
  from: string;
  to: string;
}

export const noFilters: AskedFilters = { actor: '', action: '', target: '', outcome: '', from: '', to: '' };

const dayMs = 86_400_000;

/** Without what is empty; `to` is a whole day for people and an exclusive end for the API. */
export function filtersOf(asked: AskedFilters): AuditQuery {
  const to = asked.to === '' ? '' : new Date(Date.parse(asked.to) + dayMs).toISOString().slice(0, 10);
  return Object.fromEntries(Object.entries({ ...asked, to }).flatMap(([key, text]) => (text.trim() === '' ? [] : [[key, text.trim()]])));
}

export function AuditFilterBar({ asked, onAsk }: { asked: AskedFilters; onAsk: (asked: AskedFilters) => void }) {
  const [typed, setTyped] = useState(asked);
  const field = (name: keyof AskedFilters) => ({ value: typed[name], onChange: ({ target }: { target: { value: string } }) => setTyped({ ...typed, [name]: target.value }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsk(typed);
  };
  return (
    <form onSubmit={submit} className="grid grid-cols-2 items-end gap-3 sm:grid-cols-3 lg:grid-cols-[repeat(6,minmax(0,1fr))_auto]">
      <TextField label="Action" data-filter placeholder="project" maxLength={100} {...field('action')} />
      <TextField label="Actor id" placeholder="usr_… or key_…" maxLength={100} {...field('actor')} />
      <TextField label="Target id" placeholder="prj_…" maxLength={100} {...field('target')} />
      <SelectField label="Outcome" {...field('outcome')}>
        <option value="">Any</option>
        <option value="allowed">Allowed</option>
        <option value="denied">Denied</option>
      </SelectField>
      <TextField label="From day (UTC)" type="date" {...field('from')} />
      <TextField label="To day (UTC)" type="date" {...field('to')} />
      <div className="col-span-2 flex gap-2 sm:col-span-3 lg:col-span-1">
        <Button type="submit">Filter</Button>
        {asked !== noFilters && (
          <Button
            kind="quiet"
            onClick={() => {
              setTyped(noFilters);
              onAsk(noFilters);
            }}
          >
            Clear
          </Button>
        )}
      </div>
    </form>
  );
}
