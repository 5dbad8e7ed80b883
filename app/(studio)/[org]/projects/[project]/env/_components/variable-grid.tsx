'use client';

import { Button, IconButton } from '@/app/_ui/button';
import { control } from '@/app/_ui/control';
import { cx } from '@/app/_ui/cx';
import { Icon } from '@/app/_ui/icon';
import { emptyRow, type VariableRow } from './variable-rows';

interface VariableGridProps {
  rows: readonly VariableRow[];
  /** What is wrong with a row, by its key. */
  errors: ReadonlyMap<string, string>;
  onChange: (rows: VariableRow[]) => void;
}

export function VariableGrid({ rows, errors, onChange }: VariableGridProps) {
  const change = (key: string, part: Partial<VariableRow>) => onChange(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <div className="flex flex-col gap-3">
      <ul className="flex flex-col gap-3">
        {rows.map((row, index) => (
          <GridRow
            key={row.key}
            row={row}
            number={index + 1}
            error={errors.get(row.key)}
            onChange={(part) => change(row.key, part)}
            onRemove={() => onChange(rows.filter(({ key }) => key !== row.key))}
          />
        ))}
      </ul>
      <Button size="small" icon={<Icon name="plus" />} className="self-start" onClick={() => onChange([...rows, emptyRow()])}>
        Add a variable
      </Button>
    </div>
  );
}

interface GridRowProps {
  row: VariableRow;
  number: number;
  error: string | undefined;
  onChange: (part: Partial<VariableRow>) => void;
  onRemove: () => void;
}

function GridRow({ row, number, error, onChange, onRemove }: GridRowProps) {
  const called = row.name === '' ? `variable ${number}` : row.name;
  const noteId = `variable-${row.key}-note`;
  const wired = { 'aria-invalid': error === undefined ? undefined : (true as const), 'aria-describedby': error === undefined ? undefined : noteId };
  return (
    <li className="grid gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] sm:items-start">
      <input
        {...wired}
        aria-label={`Name of ${called}`}
        value={row.name}
        placeholder="NAME"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange({ name: event.target.value })}
        className={cx(control, 'h-9 font-mono text-sm')}
      />
      <textarea
        {...wired}
        aria-label={`Value of ${called}`}
        value={row.value}
        rows={1}
        placeholder={row.stored ? 'Set; type to replace it' : 'Value'}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange({ value: event.target.value })}
        className={cx(control, 'field-sizing-content max-h-40 min-h-9 resize-y py-1.5 font-mono text-sm')}
      />
      <div className="flex items-center gap-2">
        <label className="flex h-9 items-center gap-2 text-sm">
          <input type="checkbox" checked={row.secret} onChange={(event) => onChange({ secret: event.target.checked })} aria-label={`Keep ${called} secret`} className="size-4 accent-accent" />
          Secret
        </label>
        <IconButton label={`Remove ${called}`} onClick={onRemove}>
          <Icon name="trash-2" />
        </IconButton>
      </div>
      {error !== undefined && (
        <p id={noteId} className="text-sm break-words text-bad sm:col-span-3">
          {error}
        </p>
      )}
    </li>
  );
}
