import type { ProblemField } from '@/lib/http/client';
import type { VariableView } from '@/lib/projects/env/schemas';

/** One line of the grid. */
export interface VariableRow {
  key: string;
  name: string;
  value: string;
  secret: boolean;
  /** A secret that is set already: as long as nobody types a new value it stays. */
  stored: boolean;
}

let made = 0;

export function emptyRow(): VariableRow {
  made += 1;
  return { key: `new-${made}`, name: '', value: '', secret: true, stored: false };
}

export function rowsOf(variables: readonly VariableView[]): VariableRow[] {
  const own = variables
    .filter(({ source }) => source !== 'generated')
    .map(({ name, value, secret }) => ({ key: name, name, value: value ?? '', secret, stored: value === null }));
  return own.length === 0 ? [emptyRow()] : own;
}

/** What is sent: each row but the wholly empty ones; a kept secret goes without its value. */
export function toVariables(rows: readonly VariableRow[]): { name: string; value?: string; secret: boolean }[] {
  return sentRows(rows).map(({ name, value, secret, stored }) => ({ name: name.trim(), secret, ...(stored && value === '' ? {} : { value }) }));
}

/** The API's pointers, `/variables/3/name`, as keys of rows. */
export function errorsByRow(rows: readonly VariableRow[], errors: readonly ProblemField[]): ReadonlyMap<string, string> {
  const sent = sentRows(rows);
  const found = errors.map(({ pointer, detail }): [string, string] => [sent[Number(pointer.split('/')[2])]?.key ?? '', detail]);
  return new Map(found.toReversed());
}

function sentRows(rows: readonly VariableRow[]): VariableRow[] {
  return rows.filter(({ name, value, stored }) => name.trim() !== '' || value !== '' || stored);
}
