import { z } from 'zod';
import { AppError } from './errors';
import { isUuid } from './ids';

/** Query fields of every list. A cursor is opaque and comes from `next_cursor` of the page before. */
export const pageQuery = {
  limit: z.coerce
    .number({ error: 'limit must be a number.' })
    .int({ error: 'limit must be a whole number.' })
    .min(1, { error: 'limit must be at least 1.' })
    .max(100, { error: 'limit must be at most 100.' })
    .default(25),
  cursor: z.string().max(500, { error: 'The cursor is not one of ours.' }).optional(),
};

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/** Cuts one row more than asked for into a page; `idOf` gives the uuid on which the next page starts. */
export function toPage<Row, Item>(rows: readonly Row[], limit: number, idOf: (row: Row) => string, toItem: (row: Row) => Item): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data: shown.map(toItem), next_cursor: more ? Buffer.from(idOf(last)).toString('base64url') : null };
}

/** Bounds of a page that begins at an end of the list. With a bound always there, one plan with one index serves every page. */
export const firstUuid = '00000000-0000-0000-0000-000000000000';
export const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The uuid inside a cursor. */
export function readCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!isUuid(id)) throw new AppError('invalid_input', 'The cursor is not one of ours. Start again without it.', { errors: [{ pointer: '/cursor', detail: 'The cursor is not one of ours.' }] });
  return id;
}
