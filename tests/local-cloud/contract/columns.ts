import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { differences } from './compare';
import { readRecording } from './recordings';
import { replayRelationships } from './relationships';
import type { World } from './world';

const step = z.object({
  step: z.string(), label: z.string().optional(), columnType: z.string().optional(), request: z.record(z.string(), z.unknown()).optional(),
  data: z.record(z.string(), z.unknown()).optional(), rowId: z.unknown().optional(), status: z.number(), type: z.string().nullable(), message: z.string().optional(),
  body: z.unknown().optional(), stored: z.record(z.string(), z.unknown()).optional(),
});
export type ColumnStep = z.infer<typeof step>;

/** The recorded steps about columns and values; the bulk ones are exchanges of their own. */
export function columnSteps(): ColumnStep[] {
  return readRecording('170-columns', z.array(step)).filter((each) => each.step !== 'bulk');
}

export interface ColumnResult {
  label: string;
  differences: string[];
}

/** Makes the table `cd.cols` of the recording column by column, then writes every recorded value into it. */
export async function replayColumns(world: World, project: string, user: string): Promise<ColumnResult[]> {
  const key = world.key(project);
  await world.must('POST', '/v1/tablesdb/cd/tables', key, { tableId: 'cols', name: 'cols', permissions: ['create("users")'], rowSecurity: true });
  const session = { 'x-appwrite-project': project, 'x-appwrite-session': world.sessions.get(user) ?? '', 'content-type': 'application/json' };
  const results: ColumnResult[] = [];
  const steps = columnSteps();
  let rows = 0;
  for (const each of steps.filter(({ step: kind }) => kind !== 'relationship')) {
    const label = `${each.step}: ${each.label ?? JSON.stringify(each.request ?? {}).slice(0, 60)}`;
    if (each.step === 'row' && rows === 0) await allAvailable(world, key);
    if (each.step.startsWith('createColumn')) results.push({ label, differences: await createColumn(world, key, each) });
    else if (each.step === 'rowId') results.push({ label, differences: await rowWithId(world, session, each) });
    else results.push({ label, differences: await row(world, { session, key }, each, rows++) });
  }
  const relationships = await replayRelationships(world, steps.filter(({ step: kind }) => kind === 'relationship'), key, session);
  return [...results, ...relationships];
}

async function allAvailable(world: World, key: Record<string, string>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { columns } = await world.must('GET', '/v1/tablesdb/cd/tables/cols', key);
    if (!JSON.stringify(columns).includes('"processing"')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('The columns never became available.');
}

async function createColumn(world: World, key: Record<string, string>, { columnType, request, ...recorded }: ColumnStep): Promise<string[]> {
  const answer = await world.send('POST', `/v1/tablesdb/cd/tables/cols/columns/${columnType}`, { ...key, 'content-type': 'application/json' }, JSON.stringify(request));
  return compared(world, recorded, answer);
}

const ROWS = '/v1/tablesdb/cd/tables/cols/rows';

async function row(world: World, who: { session: Record<string, string>; key: Record<string, string> }, recorded: ColumnStep, index: number): Promise<string[]> {
  const label = recorded.label ?? '';
  const byKey = label.endsWith('by API key');
  const credentials = byKey ? { ...who.key, 'content-type': 'application/json' } : who.session;
  const data = byKey ? { $createdAt: '2020-01-01T00:00:00.000+00:00' } : recorded.data ?? {};
  const rowId = index === 0 ? 'dflt' : `c${index}`;
  const whole = label === 'required missing' ? { s5: 'x' } : { sreq: 'x', ...data };
  const answer = label.startsWith('update')
    ? await world.send('PATCH', `${ROWS}/dflt`, credentials, JSON.stringify({ data }))
    : await world.send('POST', ROWS, credentials, JSON.stringify({ rowId, data: whole }));
  const wrong = compared(world, recorded, answer);
  const stored = Object.entries(recorded.stored ?? {}).filter(([key]) => !key.startsWith('$') || key === '$permissions');
  const actual: Record<string, unknown> = typeof answer.json === 'object' && answer.json !== null ? { ...answer.json } : {};
  for (const [key, value] of stored) {
    if (!isDeepStrictEqual(value, actual[key])) wrong.push(`${key} stored as ${JSON.stringify(actual[key])}, not ${JSON.stringify(value)}`);
  }
  if (byKey && actual.$createdAt !== '2020-01-01T00:00:00.000+00:00') wrong.push('the key could not set $createdAt');
  return wrong;
}

async function rowWithId(world: World, session: Record<string, string>, recorded: ColumnStep): Promise<string[]> {
  const label = recorded.label ?? '';
  const data = label === 'data as JSON string' ? JSON.stringify({ sreq: 'x' }) : label === 'data {}' ? {} : { sreq: 'x' };
  const rowId = label.startsWith('data') ? 'unique()' : recorded.rowId;
  const body = { ...(label === 'rowId absent' ? {} : { rowId }), ...(label === 'data absent' ? {} : { data }) };
  return compared(world, recorded, await world.send('POST', ROWS, session, JSON.stringify(body)));
}

function compared(world: World, recorded: Pick<ColumnStep, 'status' | 'type' | 'message' | 'body'>, answer: Awaited<ReturnType<World['send']>>): string[] {
  if (answer.status !== recorded.status) return [`status ${recorded.status} ≠ ${answer.status}: ${answer.text.slice(0, 200)}`];
  const actual: { message?: unknown; type?: unknown } = typeof answer.json === 'object' && answer.json !== null ? answer.json : {};
  if (recorded.status >= 400) {
    if (recorded.type !== null && actual.type !== recorded.type) return [`type ${recorded.type} ≠ ${String(actual.type)}`];
    return recorded.message === undefined || actual.message === recorded.message ? [] : [`message ${recorded.message} ≠ ${String(actual.message)}`];
  }
  return recorded.body === undefined ? [] : differences(recorded.body, answer.json, { ids: world.ids });
}
