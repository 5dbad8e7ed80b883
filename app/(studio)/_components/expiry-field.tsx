import type { ComponentProps } from 'react';
import { SelectField } from '@/app/_ui/field';

const choices = [
  ['7', 'In 7 days'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
  ['never', 'Never'],
] as const;

/** Days from now, or never. */
export type Expiry = (typeof choices)[number][0];

export function ExpiryField({ error, ...select }: { error: string | undefined } & Omit<ComponentProps<'select'>, 'children'>) {
  return (
    <SelectField label="Ends" error={error} {...select}>
      {choices.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}

const dayMs = 86_400_000;

export function expiryToIso(expiry: Expiry, nowMs: number = Date.now()): string | null {
  return expiry === 'never' ? null : new Date(nowMs + Number(expiry) * dayMs).toISOString();
}
