import { idsIn, type Spoken, type Transcript } from './transcript';

/** What one transaction of pgbench draws, so that the ids it makes are ever new and, as ours, ordered by time. */
const draws = ['\\set made :made + 1', '\\set drawn random(0, 1000000000000000)'];

/** The transaction as a script of pgbench: the same statements, sent at once, with the values in their places. */
export function pgbenchScript({ spoken, fresh }: Transcript): string {
  const places = new Map([...fresh].map((id, number) => [id, number]));
  const statements = spoken.flatMap((one) => withoutColons(withValues(one, places)).split(/;\s*(?=set local )/));
  return [...draws, '\\startpipeline', ...statements.map((text) => `${oneLine(text)};`), '\\endpipeline', ''].join('\n');
}

function withValues({ text, values }: Spoken, places: ReadonlyMap<string, number>): string {
  return text.replaceAll(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1], places));
}

function literal(value: unknown, places: ReadonlyMap<string, number>): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return quoted(value.toISOString());
  if (Buffer.isBuffer(value)) return quoted(`\\x${value.toString('hex')}`);
  if (Array.isArray(value)) return quoted(`{${value.map((item) => `"${String(item).replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const made = idsIn(text).find((id) => places.has(id));
  if (made === undefined) return quoted(text);
  const id = newId(made, places.get(made) ?? 0);
  if (text === made) return id;
  return `(${text.split(made).map(quoted).join(` || ${made.includes('-') ? `${id}::text` : id} || `)})`;
}

/** An id like the one that the verb made: the same length, the time in front where it has one. */
function newId(like: string, place: number): string {
  const time = 'lpad(to_hex(:startedms::bigint + :made::bigint), 12, \'0\')';
  const drawn = (length: number) => `lpad('${place}' || to_hex(:drawn::bigint) || to_hex(:client_id::bigint) || to_hex(:made::bigint), ${length}, '0')`;
  if (like.includes('-')) return `(${time} || '7000a' || ${drawn(15)})::uuid`;
  const [prefix, rest] = like.includes('_') ? [like.slice(0, 4), like.slice(4)] : ['', like];
  return `('${prefix}' || ${drawn(rest.length)})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What stands behind a colon is a variable to pgbench, in quotes as well; in the quotes it is written by its number. */
function withoutColons(text: string): string {
  return text.replaceAll(/'(?:[^']|'')*'/g, (quote) => (quote.includes(':') ? `U&${quote.replaceAll('\\', '\\\\').replaceAll(':', '\\003A')}` : quote));
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
