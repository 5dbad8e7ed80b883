import { z } from 'zod';
import { errorCodes } from '@/lib/kernel/errors';

const Problem = z.object({ status: z.number(), code: z.enum(Object.keys(errorCodes)), detail: z.string().min(1), request_id: z.string() });

/** Words that only come from inside: of Postgres, of the driver, of a stack. Written so that no text for people has them by chance. */
const inner = /\b(SQLSTATE|pg_catalog|duplicate key|unique constraint|foreign key|not-null constraint|check constraint|invalid input syntax|out of range for type|syntax error at|row-level security|permission denied for|relation \\?"|column \\?"|deadlock detected|statement timeout|prepared statement|ECONNREFUSED|ENOENT|ETIMEDOUT|TypeError|RangeError|ReferenceError|ZodError|node_modules|Cannot read (property|properties)|is not a function|undefined is not)\b|\bselect\s.{1,80}\sfrom\s|\binsert into\b|(\n|\\n)\s+at\s.+:\d+:\d+|"(22|23|25|40|42|53|57)[0-9A-Z]{3}\\?"|\/(lib|dist|app)\/[\w/-]+\.(ts|js)/i;

export interface Seen {
  status: number;
  headers: Headers;
  text: string;
}

/** What is wrong with an answer; undefined when nothing is. `tables` are names of the catalog that no answer may show. */
export function wrongWith({ status, headers, text }: Seen, sent: string, tables: readonly string[]): string | undefined {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 200)}`;
  // What the caller wrote may come back in `instance` and in names of fields: only what was added counts.
  const words = inner.exec(text)?.[0];
  if (words !== undefined && !sent.toLowerCase().includes(words.toLowerCase())) return `says "${words}"`;
  const table = tables.find((name) => text.includes(name) && !sent.includes(name));
  if (table !== undefined && status >= 400) return `names the table ${table}`;
  if (status < 400) return undefined;
  if (headers.get('content-type') !== 'application/problem+json') return `${status} is no problem+json but ${headers.get('content-type')}`;
  const problem = Problem.safeParse(JSON.parse(text));
  if (!problem.success) return `the problem lacks something: ${text.slice(0, 200)}`;
  return problem.data.status === status ? undefined : 'the status differs from the one in the body';
}
