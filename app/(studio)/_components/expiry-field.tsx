import type { ComponentProps } from 'react';
import { SelectField } from '@/app/_ui/field';

const choices = [
  ['7', 'In 7 days'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
  ['never', 'Never'],
] as const;

export function ExpiryField(select: Omit<ComponentProps<typeof SelectField>, 'children'>) {
  return (
    <SelectField {...select}>
      {choices.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}

const dayMs = 86_400_000;

/** `expiry` is one of the choices: days from now, or `never`. */
export function expiryToIso(expiry: string, nowMs: number = Date.now()): string | null {
  return expiry === 'never' ? null : new Date(nowMs + Number(expiry) * dayMs).toISOString();
}
