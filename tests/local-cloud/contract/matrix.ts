import { z } from 'zod';
import { readRecording } from './recordings';
import { addUser, PROJECT } from './tenant';
import type { Answer, World } from './world';

const cell = z.object({
  rowSecurity: z.boolean(), tablePermissions: z.union([z.string(), z.array(z.string())]), rowPermissions: z.union([z.string(), z.array(z.string())]).optional(),
  actor: z.string(), operation: z.string(), status: z.number(), type: z.string().nullable(), total: z.number().nullish(),
  resultPermissions: z.array(z.string()).optional(), data: z.enum(['changed', 'unchanged', 'empty']).optional(),
});
export type Cell = z.infer<typeof cell>;

const file = z.object({ matrix: z.array(cell), singleOperationTable: z.array(cell), singleOperationTableChangedOrNot: z.array(cell), singleOperationRow: z.array(cell) });

export function recordedMatrix(): z.infer<typeof file> {
  return readRecording('150-permission-matrix', file);
}

const roles = readRecording('154-other-roles-get', z.object({ rows: z.array(z.object({ role: z.string(), create: z.number() }).catchall(z.union([z.string(), z.number()]))) }));

/** Per role of a row: who gets what status on reading it. */
export function recordedRoles(): Array<{ role: string; statuses: Record<string, number> }> {
  return roles.rows.map(({ role, create: _, ...rest }) => ({
    role, statuses: Object.fromEntries(Object.entries(rest).filter((entry): entry is [string, number] => typeof entry[1] === 'number')),
  }));
}

/** The short names of the matrix, spelled out. */
export const ROLES: Readonly<Record<string, string>> = {
  any: 'any', guests: 'guests', users: 'users', 'users/verified': 'users/verified', 'user:ID': 'user:user1', 'team:ID': 'team:t1',
  'team:ID/editor': 'team:t1/editor', 'label:x': 'label:x',
};

export type Actors = Readonly<Record<string, Record<string, string>>>;

/** Everybody of the matrix: strangers, members with roles, a verified and a labelled user, and a key. */
export async function makeActors(world: World): Promise<Actors> {
  const key = world.key(PROJECT);
  const [user1, user2, ed, mem, own, ver, lab] = [
    await addUser(world, 'user1'), await addUser(world, 'user2'), await addUser(world, 'ed'), await addUser(world, 'mem'), await addUser(world, 'own'),
    await addUser(world, 'ver'), await addUser(world, 'lab'),
  ];
  await world.must('POST', '/v1/teams', key, { teamId: 't1', name: 'Team 1' });
  for (const [userId, role] of [['ed', 'editor'], ['mem', 'viewer'], ['own', 'owner']]) {
    const joined = await world.must('POST', '/v1/teams/t1/memberships', key, { userId, roles: [role] });
    if (userId === 'ed') world.ids.set('6b00fcbbe0fa00362655', String(joined.$id));
  }
  await world.must('PATCH', '/v1/users/ver/verification', key, { emailVerification: true });
  await world.must('PUT', '/v1/users/lab/labels', key, { labels: ['x'] });
  const anonymous = await world.send('POST', '/v1/account/sessions/anonymous', { 'x-appwrite-project': PROJECT });
  world.keepSession('anonymous', anonymous);
  return {
    guest: { 'x-appwrite-project': PROJECT }, user1, user2, ed, mem, own, ver, lab, apiKey: key, teamEditor: ed, teamOtherRole: mem, verifiedUser: ver,
    labelledUser: lab, anonymous: { 'x-appwrite-project': PROJECT, 'x-appwrite-session': world.sessions.get('anonymous') ?? '' },
  };
}

/** One table with a text and a number, in the database `mx`. */
export class MatrixTable {
  readonly #world: World;
  readonly #path: string;
  #value = 1;

  private constructor(world: World, path: string) {
    this.#world = world;
    this.#path = path;
  }

  static async make(world: World, tableId: string, permissions: string[], rowSecurity: boolean): Promise<MatrixTable> {
    const columns = [{ key: 'p', type: 'string', size: 32, required: false }, { key: 'v', type: 'integer', required: false }];
    await world.must('POST', '/v1/tablesdb/mx/tables', world.key(PROJECT), { tableId, name: tableId, permissions, rowSecurity, columns });
    return new MatrixTable(world, `/v1/tablesdb/mx/tables/${tableId}/rows`);
  }

  /** A row by the key: `v` is 0. */
  async put(rowId: string, permissions: string[], p = rowId): Promise<void> {
    await this.#world.must('POST', this.#path, this.#world.key(PROJECT), { rowId, data: { p, v: 0 }, permissions });
  }

  get(actor: Record<string, string>, rowId: string): Promise<Answer> {
    return this.#world.send('GET', `${this.#path}/${rowId}`, actor);
  }

  /** All rows, or those with this text. */
  list(actor: Record<string, string>, p?: string): Promise<Answer> {
    const query = p === undefined ? '' : `?queries[0]=${encodeURIComponent(JSON.stringify({ method: 'equal', attribute: 'p', values: [p] }))}`;
    return this.#world.send('GET', this.#path + query, actor);
  }

  create(actor: Record<string, string>, body: Record<string, unknown>): Promise<Answer> {
    return this.#json('POST', this.#path, actor, { rowId: 'unique()', data: { p: 'new' }, ...body });
  }

  write(actor: Record<string, string>, method: 'PATCH' | 'PUT', rowId: string, data: 'changed' | 'unchanged' | 'empty', p = rowId): Promise<Answer> {
    const body = { changed: { p, v: this.#value++ }, unchanged: { p, v: 0 }, empty: {} }[data];
    return this.#json(method, `${this.#path}/${rowId}`, actor, { data: body });
  }

  remove(actor: Record<string, string>, rowId: string): Promise<Answer> {
    return this.#world.send('DELETE', `${this.#path}/${rowId}`, actor);
  }

  #json(method: string, path: string, actor: Record<string, string>, body: unknown): Promise<Answer> {
    return this.#world.send(method, path, { ...actor, 'content-type': 'application/json' }, JSON.stringify(body));
  }
}

/** How an answer differs from a recorded cell; undefined when it does not. */
export function mismatch(recorded: Cell, answer: Answer): string | undefined {
  const body: { type?: unknown; total?: unknown; $permissions?: unknown } = typeof answer.json === 'object' && answer.json !== null ? answer.json : {};
  const actual = { status: answer.status, type: answer.status !== undefined && answer.status >= 400 ? body.type : null };
  const total = recorded.total === undefined || recorded.total === null || recorded.total === body.total;
  const permissions = recorded.resultPermissions === undefined || JSON.stringify(recorded.resultPermissions) === JSON.stringify(body.$permissions);
  if (actual.status === recorded.status && actual.type === recorded.type && total && permissions) return undefined;
  return `${JSON.stringify(recorded)} but got ${answer.status} ${answer.text.slice(0, 160)}`;
}
