import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FOLDER = fileURLToPath(new URL('../../../../shared/appwrite/recordings', import.meta.url));

const exchange = z.object({
  name: z.string(),
  request: z.object({ method: z.string(), path: z.string(), headers: z.record(z.string(), z.string()).default({}), body: z.unknown().optional() }),
  response: z.object({
    /** Absent when the server was silent. */
    status: z.number().optional(),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
    body: z.unknown().optional(),
    bodyBase64: z.string().optional(),
  }),
});

export type Exchange = z.infer<typeof exchange>;

/** All recorded exchanges of the real server in the order of their names, and the names of the files that are none. */
export function readRecordings(): { exchanges: Exchange[]; summaries: string[] } {
  requireFolder();
  const exchanges: Exchange[] = [];
  const summaries: string[] = [];
  for (const file of readdirSync(FOLDER).sort((a, b) => rank(a) - rank(b) || (bare(a) < bare(b) ? -1 : 1))) {
    const parsed = file.endsWith('.json') ? exchange.safeParse(readJson(file)) : undefined;
    if (parsed?.success === true) exchanges.push({ ...parsed.data, name: bare(file) });
    else summaries.push(file);
  }
  return { exchanges, summaries };
}

/** One recorded file by its name, checked by the caller's schema. */
export function readRecording<T>(name: string, schema: z.ZodType<T>): T {
  requireFolder();
  return schema.parse(readJson(`${name}.json`));
}

export function recordedExchange(name: string): Exchange {
  return readRecording(name, exchange);
}

function requireFolder(): void {
  if (!existsSync(FOLDER)) throw new Error(`The recordings of the real Appwrite are not there: expected them in ${path.relative(process.cwd(), FOLDER)}.`);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'));
}

function rank(file: string): number {
  return Number(/^\d+/.exec(file)?.[0] ?? Number.MAX_SAFE_INTEGER);
}

function bare(file: string): string {
  return file.replace(/\.(json|txt)$/, '');
}
