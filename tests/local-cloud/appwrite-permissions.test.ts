import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceIds } from './contract/compare';
import { makeActors, MatrixTable, mismatch, recordedMatrix, recordedRoles, ROLES, type Actors, type Cell } from './contract/matrix';
import { startTenant } from './contract/tenant';
import type { Answer, World } from './contract/world';
import type { RunningStandIn } from './stand-in';

let running: RunningStandIn;
let world: World;
let actors: Actors;

beforeAll(async () => {
  const tenant = await startTenant();
  ({ running, world } = tenant);
  await world.must('POST', '/v1/tablesdb', tenant.key, { databaseId: 'mx', name: 'mx' });
  actors = await makeActors(world);
});

afterAll(() => running.stop());

const recorded = recordedMatrix();
const actorOf = (cell: Cell): Record<string, string> => actors[cell.actor] ?? {};
const text = (value: Cell['tablePermissions'] | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `[group, cells]` for each distinct value of a key, in the order of the recording. */
function groups(cells: readonly Cell[], keyOf: (cell: Cell) => string): Array<[string, Cell[]]> {
  const found = new Map<string, Cell[]>();
  for (const each of cells) found.set(keyOf(each), [...(found.get(keyOf(each)) ?? []), each]);
  return [...found];
}

describe('the permission matrix', () => {
  it('has all 6,768 recorded cells', () => {
    expect(recorded.matrix).toHaveLength(6768);
  });

  it.concurrent.for(groups(recorded.matrix, (cell) => `${cell.rowSecurity ? 'row security' : 'table only'}, table ${text(cell.tablePermissions)}`).map(([name, cells], i) => ({ name, cells, i })))(
    '$name',
    { timeout: 120_000 },
    async ({ cells, i }, { expect: check }) => {
      const { rowSecurity = false, tablePermissions = '' } = cells[0] ?? {};
      const role = ROLES[text(tablePermissions)];
      const permissions = role === undefined ? [] : ['create', 'read', 'update', 'delete'].map((action) => `${action}("${role}")`);
      const table = await MatrixTable.make(world, `m${i}`, permissions, rowSecurity);
      const creations = await MatrixTable.make(world, `c${i}`, permissions, rowSecurity);
      const rowNames = [...Object.keys(ROLES), 'none'];
      for (const name of rowNames) await table.put(idOf(name), rowPermissions(name), name);
      const wrong: string[] = [];
      for (const cell of cells) {
        const problem = mismatch(cell, await perform(table, creations, cell));
        if (problem !== undefined) wrong.push(problem);
        if (cell.operation === 'delete' && cell.status === 204) await table.put(idOf(text(cell.rowPermissions)), rowPermissions(text(cell.rowPermissions)), text(cell.rowPermissions));
      }
      check(wrong).toEqual([]);
    },
  );

  function perform(table: MatrixTable, creations: MatrixTable, cell: Cell) {
    const name = text(cell.rowPermissions);
    switch (cell.operation) {
      case 'get': return table.get(actorOf(cell), idOf(name));
      case 'list': return table.list(actorOf(cell), name.startsWith('*') ? undefined : name);
      case 'update': return table.write(actorOf(cell), 'PATCH', idOf(name), 'changed', name);
      case 'delete': return table.remove(actorOf(cell), idOf(name));
      default: return creations.create(actorOf(cell), sentPermissions(name));
    }
  }
});

const idOf = (name: string): string => name.replaceAll(/[:/]/g, '-');

function rowPermissions(name: string): string[] {
  const role = ROLES[name];
  return role === undefined ? [] : ['read', 'update', 'delete'].map((action) => `${action}("${role}")`);
}

function sentPermissions(name: string): { permissions?: string[] } {
  if (name === '(omitted)') return {};
  return { permissions: name === '(empty array)' ? [] : [`read("${ROLES[name]}")`] };
}

describe('one right at a time', () => {
  it.each(groups(recorded.singleOperationTable, (cell) => `${cell.rowSecurity} ${text(cell.tablePermissions)}`))('on the table: %s', async (name, cells) => {
    const table = await MatrixTable.make(world, `s${idFor(name)}`, [...(cells[0]?.tablePermissions ?? [])], cells[0]?.rowSecurity ?? false);
    await table.put('row', []);
    const perform: Readonly<Record<string, (who: Record<string, string>) => Promise<Answer>>> = {
      create: (who) => table.create(who, {}), get: (who) => table.get(who, 'row'), list: (who) => table.list(who), delete: (who) => table.remove(who, 'row'),
      update: (who) => table.write(who, 'PATCH', 'row', 'changed'), 'upsert-existing': (who) => table.write(who, 'PUT', 'row', 'changed'),
      'upsert-new': (who) => table.write(who, 'PUT', 'another', 'changed'),
    };
    const wrong: Array<string | undefined> = [];
    for (const cell of cells) {
      const answer = await perform[cell.operation]?.(actorOf(cell));
      wrong.push(answer === undefined ? `unknown operation ${cell.operation}` : mismatch(cell, answer));
    }
    expect(wrong).toEqual(cells.map(() => undefined));
  });

  it.each([...recorded.singleOperationTableChangedOrNot, ...recorded.singleOperationRow].map((cell, i) => ({ cell, i, name: `${cell.operation} ${cell.data} with table ${text(cell.tablePermissions)}, row ${text(cell.rowPermissions)}` })))('$name', async ({ cell, i }) => {
    const table = await MatrixTable.make(world, `r${i}`, [...cell.tablePermissions], cell.rowSecurity);
    await table.put('row', [...(cell.rowPermissions ?? [])]);
    const who = actorOf(cell);
    const data = cell.data ?? 'changed';
    const answer = await (cell.operation === 'get' ? table.get(who, 'row')
      : cell.operation === 'list' ? table.list(who)
        : cell.operation === 'delete' ? table.remove(who, 'row')
          : table.write(who, cell.operation === 'update' ? 'PATCH' : 'PUT', 'row', data));
    expect(mismatch(cell, answer)).toBeUndefined();
  });
});

describe('the other roles', () => {
  it.each(recordedRoles())('$role', async ({ role, statuses }) => {
    const table = await MatrixTable.make(world, `o${idFor(role)}`, [], true);
    await table.put('row', [`read("${replaceIds(role, world.ids)}")`]);
    const found: Record<string, number | undefined> = {};
    for (const name of Object.keys(statuses)) found[name] = (await table.get(actors[name] ?? {}, 'row')).status;
    expect(found).toEqual(statuses);
  });
});

let made = 0;
/** A short id of its own for each name. */
function idFor(name: string): string {
  made += 1;
  return `${name.length}-${made}`;
}
