import { differences } from './compare';
import type { ColumnStep } from './columns';
import type { Answer, World } from './world';

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** Two tables of parents and kids, related many to one, and what happens to their rows. */
export async function replayRelationships(world: World, steps: readonly ColumnStep[], key: Record<string, string>, session: Record<string, string>): Promise<Array<{ label: string; differences: string[] }>> {
  const permissions = ['create("users")', 'delete("users")'];
  for (const tableId of ['parents', 'kids']) {
    await world.must('POST', '/v1/tablesdb/cd/tables', key, { tableId, name: tableId, permissions, rowSecurity: true, columns: [{ key: 'name', type: 'string', size: 32, required: true }] });
  }
  const by = (credentials: Record<string, string>): Send => (method, path, body) =>
    world.send(method, `/v1/tablesdb/cd/tables/${path}`, { ...credentials, 'content-type': 'application/json' }, body === undefined ? undefined : JSON.stringify(body));
  const results: Array<{ label: string; differences: string[] }> = [];
  for (const step of steps) {
    const label = step.label ?? '';
    const answer = label.startsWith('createColumn')
      ? await by(key)('POST', 'kids/columns/relationship', { relatedTableId: 'parents', type: 'manyToOne', twoWay: true, key: 'parent', twoWayKey: 'kids', onDelete: 'setNull' })
      : await perform(by(session), label, step.request);
    if (label.startsWith('createColumn')) await related(world, key);
    const status = answer.status === step.status ? [] : [`status ${step.status} ≠ ${answer.status}: ${answer.text}`];
    const body = step.body === undefined ? [] : differences(step.body, answer.json, { ids: world.ids });
    results.push({ label: `relationship: ${label}`, differences: [...status, ...body] });
  }
  return results;
}

function perform(send: Send, label: string, request: unknown): Promise<Answer> {
  const select = (name: string): string => `?queries[0]=${encodeURIComponent(JSON.stringify({ method: 'select', values: ['*', name] }))}`;
  switch (label) {
    case 'create parent': return send('POST', 'parents/rows', request);
    case 'get kid':
    case 'get kid after parent delete': return send('GET', 'kids/rows/k1');
    case 'get kid select parent.*': return send('GET', `kids/rows/k1${select('parent.*')}`);
    case 'get parent select kids.*': return send('GET', `parents/rows/p1${select('kids.*')}`);
    case 'delete parent': return send('DELETE', 'parents/rows/p1');
    default: return send('POST', 'kids/rows', request);
  }
}

async function related(world: World, key: Record<string, string>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { columns } = await world.must('GET', '/v1/tablesdb/cd/tables/parents', key);
    if (!JSON.stringify(columns).includes('"processing"')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('The relationship never became available.');
}
