import { relations } from '@/db/platform/relations';
import type { TestDeployments } from '../../deployments/support/studio';
import type { Side } from './organization';

/** Shorter texts are words of the product as likely as anybody's own. */
const shortest = 10;

/**
 * Every text by which something of an organization would be known again: what its rows hold, inner ids and hashes
 * included, and the secrets that only its people were shown. What the other organization has too is nobody's own.
 */
export async function privateValues(studio: TestDeployments, side: Side, other: Side): Promise<string[]> {
  const [own, foreign] = [await textsOf(studio, side), await textsOf(studio, other)];
  return [...new Set([...own, ...side.secrets])].filter((text) => !foreign.has(text));
}

async function textsOf(studio: TestDeployments, { organization }: Side): Promise<Set<string>> {
  const texts = new Set<string>();
  for (const table of Object.keys(relations)) {
    const where = await conditionFor(studio, table);
    if (where === null) continue;
    const rows = await studio.raw<{ row: unknown }>(`select to_jsonb(t) as row from ${table} t where ${where}`, [organization.rowId]);
    for (const { row } of rows) collect(row, texts);
  }
  return texts;
}

async function conditionFor(studio: TestDeployments, table: string): Promise<string | null> {
  if (table === 'organizations') return 'id = $1';
  const people = '(select user_id from memberships where organization_id = $1)';
  // People of both are nobody's own; their rows fall out with what both have.
  if (table === 'users') return `id in ${people}`;
  const columns = await studio.raw<{ name: string }>(`select attname::text as name from pg_attribute where attrelid = $1::regclass and attnum > 0`, [table]);
  const names = new Set(columns.map(({ name }) => name));
  if (names.has('organization_id')) return 'organization_id = $1';
  return names.has('user_id') ? `user_id in ${people}` : null;
}

const time = /^\d{4}-\d\d-\d\dT/;

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (value.length >= shortest && !time.test(value)) into.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) collect(each, into);
  }
}

/** The first private value that an answer holds and the request did not. */
export function leakedValue(text: string, said: string, values: readonly string[]): string | undefined {
  return values.find((value) => text.includes(value) && !said.includes(value) && !said.includes(encodeURIComponent(value)));
}
