import { z } from 'zod';

/** C0 and C1 controls, and the bidirectional overrides that make a name read as another one. */
const forbidden = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Half of a character: it cannot be stored as it is. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * A one-line text that a person typed: trimmed, composed (NFC), without control characters. `most` counts
 * characters as people do (code points). `what` begins the messages: "The name …".
 */
export function line(what: string, { least = 1, most }: { least?: number; most: number }) {
  return z
    .string({ error: `${what} must be text.` })
    .transform((text) => text.trim().normalize('NFC'))
    .refine((text) => !forbidden.test(text) && !loneSurrogate.test(text), { error: `${what} must not hold control characters or broken ones.` })
    .refine((text) => [...text.slice(0, most * 2 + 2)].length >= least, { error: least === 1 ? `${what} must not be empty.` : `${what} needs at least ${least} characters.` })
    .refine((text) => text.length <= most * 2 && [...text].length <= most, { error: `${what} must not be longer than ${most} characters.` });
}

/** An e-mail address as people write it; compared without case. */
export const email = z
  .string({ error: 'The e-mail address must be text.' })
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email({ error: 'This is not an e-mail address. Write it as name@example.com.' }).max(254, { error: 'The e-mail address must not be longer than 254 characters.' }));

/** A time with its offset, as text, that Postgres and ISO 8601 both can write: years 1 to 9999, offsets below 16 hours. */
export function instant(error: string) {
  return z.iso.datetime({ offset: true, error }).refine(isOrdinary, { error });
}

/** Whether both can write it: outside of this a statement fails, or a view that shows the time. */
export function isOrdinary(text: string): boolean {
  const at = new Date(text);
  return at >= firstInstant && at <= lastInstant && !/[+-](1[6-9]|2\d):\d\d$/.test(text);
}

const firstInstant = new Date('0001-01-01T00:00:00.000Z');
const lastInstant = new Date('9999-12-31T23:59:59.999Z');
