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
  // Long enough for the longest text that a list is sorted by.
  cursor: z.string().max(2000, { error: 'The cursor is not one of ours.' }).optional(),
};

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/** Cuts one row more than asked for into a page; `cursorOf` says where the next page starts, from the last row of this one. */
export function toPage<Row, Item>(rows: readonly Row[], limit: number, cursorOf: (last: Row) => string, toItem: (row: Row) => Item): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(toItem), next_cursor: last === undefined ? null : cursorOf(last) };
}

/** Bounds of a page that begins at an end of the list. With a bound always there, one plan with one index serves every page. */
export const firstUuid = '00000000-0000-0000-0000-000000000000';
export const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The cursor of a list that is sorted by its rows' uuids. */
export function uuidCursor({ id }: { id: string }): string {
  return Buffer.from(id).toString('base64url');
}

/** The uuid inside a cursor. */
export function readCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!isUuid(id)) throw foreignCursor();
  return id;
}

/** Where a page of a list ends that is sorted by a text; the uuid tells rows of the same text apart. */
export interface SortedPlace {
  text: string;
  id: string;
}

/** Bounds of such a list at its two ends, in the order of characters. */
export const firstPlace: SortedPlace = { text: '', id: firstUuid };
export const lastPlace: SortedPlace = { text: '\u{10ffff}', id: lastUuid };

export function sortedCursor({ text, id }: SortedPlace): string {
  return Buffer.from(JSON.stringify([text, id])).toString('base64url');
}

const sortedPlace = z.tuple([z.string().refine((text) => !text.includes('\0')), z.string().refine(isUuid)]);

/** The place inside a cursor. */
export function readSortedCursor(cursor: string | undefined): SortedPlace | null {
  if (cursor === undefined) return null;
  const parsed = sortedPlace.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success) throw foreignCursor();
  const [text, id] = parsed.data;
  return { text, id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no place either, and is refused as such.
    return undefined;
  }
}

function foreignCursor(): AppError {
  const detail = 'The cursor is not one of ours.';
  return new AppError('invalid_input', `${detail} Start again without it.`, { errors: [{ pointer: '/cursor', detail }] });
}
