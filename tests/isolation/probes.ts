import pg from 'pg';
import { appRole, insertExcept } from '@/db/platform/relations';
import { copyIn, copyOut } from '../support/copy';
import type { Table } from './tables';
import type { Tenant, World } from './world';

/** Who tries: with which context, and as which role. */
export interface Prober {
  name: string;
  organizationId: string | null;
  userId: string | null;
}

export interface Leak {
  prober: string;
  table: string;
  probe: string;
  saw: string;
}

interface Probe {
  family: 'select' | 'insert' | 'update' | 'delete' | 'returning' | 'on conflict' | 'copy' | 'copy from' | 'merge' | 'truncate';
  name: string;
  text: string;
  values: unknown[];
}

interface Answer {
  rowCount: number;
  text: string;
}

export const probersOf = ({ a }: World): Prober[] => [
  { name: 'member', organizationId: a.organizationId, userId: a.users[0] ?? null },
  { name: 'job', organizationId: a.organizationId, userId: null },
  { name: 'person outside any organization', organizationId: null, userId: a.users[0] ?? null },
  { name: 'nobody', organizationId: null, userId: null },
];

/**
 * Tries every way to read and write the rows of `b` in every table, each in a savepoint that is rolled back, on a
 * superuser's connection that takes on the runtime role. A probe leaks when its answer holds an id of `b`, when a
 * statement that names a row of `b` touches one, or when the rows of `b` differ afterwards.
 */
export async function probeAll(owner: pg.ClientBase, world: World, probers: Prober[]): Promise<Findings> {
  await owner.query('begin');
  try {
    return await probeTables(owner, world, probers, world.tables);
  } finally {
    await owner.query('rollback');
  }
}

export interface Findings {
  probes: number;
  families: Set<string>;
  leaks: Leak[];
}

/** The same for some tables, inside a transaction that is open already. */
export async function probeTables(owner: pg.ClientBase, world: World, probers: Prober[], tables: Table[]): Promise<Findings> {
  const leaks: Leak[] = [];
  const families = new Set<string>();
  let probes = 0;
  for (const table of tables.filter(({ class: kind }) => kind !== 'public')) {
    const before = await fingerprint(owner, table, world.b);
    for (const prober of probers) {
      for (const probe of probesFor(table, world)) {
        probes += 1;
        families.add(probe.family);
        const saw = await attempt(owner, prober, probe, table, world, before);
        if (saw !== null) leaks.push({ prober: prober.name, table: table.name, probe: `${probe.family}: ${probe.name}`, saw });
      }
    }
  }
  return { probes, families, leaks };
}

async function attempt(owner: pg.ClientBase, prober: Prober, probe: Probe, table: Table, world: World, before: string): Promise<string | null> {
  await owner.query('savepoint probe');
  await assume(owner, prober);
  const answer = await run(owner, probe);
  if (answer === null) {
    await owner.query('rollback to savepoint probe; reset session authorization; release savepoint probe');
    return null;
  }
  await owner.query('reset session authorization');
  const after = await fingerprint(owner, table, world.b);
  await owner.query('rollback to savepoint probe; reset session authorization; release savepoint probe');
  if (after !== before) return 'rows changed';
  if (probe.name.includes('by key') && answer.rowCount > 0) return `${answer.rowCount} rows touched`;
  const seen = world.b.ids.find((id) => answer.text.includes(id));
  return seen === undefined ? null : `the id ${seen}`;
}

/** The context exactly as `client.ts` sets it. */
async function assume(owner: pg.ClientBase, { organizationId, userId }: Prober): Promise<void> {
  const tenant = organizationId === null ? '' : `set local "app"."current_tenant" = '${organizationId}';`;
  const user = userId === null ? '' : `set local "app"."current_user" = '${userId}';`;
  await owner.query(`set local session authorization ${appRole}; ${tenant} ${user}`);
}

/**
 * How the server refuses: no privilege, a policy, a reference, a unique or check constraint, or COPY under row
 * security. Anything else means that the probe itself is wrong, and a wrong probe proves nothing.
 */
const refusals = ['42501', '23503', '23505', '23514', '23001', '0A000'];

/** Null when the server refused. */
async function run(owner: pg.ClientBase, { family, text, values }: Probe): Promise<Answer | null> {
  try {
    if (family === 'copy from') {
      await copyIn(owner, text, Buffer.from(`${values.map(copyText).join('\t')}\n`));
      return { rowCount: 0, text: '' };
    }
    if (family === 'copy') {
      const { lines, bytes } = await copyOut(owner, text);
      return { rowCount: lines, text: bytes.toString('utf8') };
    }
    const { rowCount, rows } = await owner.query<Record<string, unknown>>(text, values);
    return { rowCount: rowCount ?? 0, text: JSON.stringify(rows) };
  } catch (error) {
    if (error instanceof pg.DatabaseError && refusals.includes(error.code ?? '')) return null;
    throw error;
  }
}

/** A value as COPY reads it. */
function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  return String(value).replaceAll('\\', '\\\\');
}

/** A hash of every row that names anything of the tenant. */
async function fingerprint(owner: pg.ClientBase, table: Table, tenant: Tenant): Promise<string> {
  const { rows } = await owner.query<{ hash: string }>(
    `select count(*) || ':' || coalesce(md5(string_agg(line, chr(10) order by line)), '') as hash from (select t::text as line from ${table.name} t) l where line ~ $1`,
    [tenant.ids.join('|')],
  );
  return rows[0]?.hash ?? '';
}

function probesFor(table: Table, { a, b }: World): Probe[] {
  const { name, primaryKey } = table;
  const [foreign] = b.rows.get(name) ?? [];
  const [own] = a.rows.get(name) ?? [];
  if (foreign === undefined || own === undefined) throw new Error(`the world has no rows in ${name}`);
  const key = primaryKey.map((column) => foreign[column]);
  const where = primaryKey.map((column, index) => `t.${column} = $${index + 1}`).join(' and ');
  const hasOrganization = table.columns.some((column) => column.name === 'organization_id');
  const touched = table.columns.find(({ name: column, type, listed }) => type === 'text' && listed === null && !primaryKey.includes(column)) ?? table.columns.find(({ name: column }) => !primaryKey.includes(column));
  if (touched === undefined) throw new Error(`${name} has nothing but a key`);
  const change = touched.type === 'text' ? `${touched.name} = ${touched.name} || 'x'` : `${touched.name} = t.${touched.name}`;
  const filled = table.columns.filter((column) => foreign[column.name] !== null && !(insertExcept[name] ?? []).includes(column.name));
  const columns = filled.map((column) => column.name).join(', ');
  const copied = (from: number) => filled.map((column, index) => `$${from + index}::${column.type}`).join(', ');
  const same = filled.map(({ name: column }) => foreign[column]);
  // Another key and other unique values, so that nothing but the policies can refuse the row.
  const fresh = filled.map(({ name: column, type, listed }, index) => {
    const reference = table.foreignKeys.find(({ columns: own }) => own.includes(column) && own.every((each) => each === 'organization_id' || each === column));
    const spare = reference === undefined ? undefined : b.rows.get(reference.target)?.[2];
    if (spare !== undefined) return spare[reference?.targetColumns[reference.columns.indexOf(column)] ?? ''];
    if (reference !== undefined || column === 'organization_id' || listed !== null) return same[index];
    if (type === 'text') return `${String(foreign[column])}-again`;
    if (type === 'uuid' && primaryKey.includes(column) && name !== 'organizations') return crypto.randomUUID();
    if (type === 'bytea') return `\\x${Buffer.from(crypto.randomUUID()).toString('hex')}`;
    return type === 'integer' || type === 'bigint' ? Number(foreign[column]) + 1_000_000 : same[index];
  });
  // Rows that ended do not compete with the open one that some tables allow.
  const ended = table.columns.filter(({ name: column, type, nullable }) => nullable && type.startsWith('timestamp') && foreign[column] === null).map(({ name: column }) => column);
  const freshColumns = [columns, ...ended].join(', ');
  const freshValues = [copied(1), ...ended.map(() => 'now()')].join(', ');
  const source = `(values (${copied(1)})) s(${columns})`;
  const match = primaryKey.map((column) => `t.${column} = s.${column}`).join(' and ');
  const mergeable = primaryKey.every((column) => filled.some((other) => other.name === column));
  const probes: Probe[] = [
    { family: 'select', name: 'everything', text: `select * from ${name} t`, values: [] },
    { family: 'select', name: 'by key', text: `select * from ${name} t where ${where}`, values: key },
    { family: 'select', name: 'by key, locking', text: `select * from ${name} t where ${where} for update`, values: key },
    { family: 'select', name: 'through a subquery', text: `select coalesce(json_agg(t), '[]') from (select * from ${name}) t`, values: [] },
    { family: 'insert', name: 'a new row', text: `insert into ${name} (${freshColumns}) values (${freshValues})`, values: fresh },
    { family: 'insert', name: 'from a select', text: `insert into ${name} (${columns}) select ${columns} from ${name} t where ${where}`, values: key },
    { family: 'update', name: 'by key', text: `update ${name} t set ${change} where ${where}`, values: key },
    { family: 'update', name: 'everything', text: `update ${name} t set ${change}`, values: [] },
    { family: 'delete', name: 'by key', text: `delete from ${name} t where ${where}`, values: key },
    { family: 'delete', name: 'everything', text: `delete from ${name}`, values: [] },
    { family: 'returning', name: 'insert', text: `insert into ${name} (${freshColumns}) values (${freshValues}) returning *`, values: fresh },
    { family: 'returning', name: 'update', text: `update ${name} t set ${change} returning *`, values: [] },
    { family: 'returning', name: 'delete', text: `delete from ${name} returning *`, values: [] },
    { family: 'on conflict', name: 'do nothing, by key', text: `insert into ${name} (${columns}) values (${copied(1)}) on conflict do nothing`, values: same },
    {
      family: 'on conflict',
      name: 'do update, by key',
      text: `insert into ${name} as t (${columns}) values (${copied(1)}) on conflict (${primaryKey.join(', ')}) do update set ${touched.name} = excluded.${touched.name} returning *`,
      values: same,
    },
    { family: 'copy', name: 'to', text: `copy ${name} to stdout`, values: [] },
    { family: 'copy', name: 'a query to', text: `copy (select * from ${name}) to stdout`, values: [] },
    { family: 'copy from', name: 'a new row', text: `copy ${name} (${freshColumns}) from stdin`, values: [...fresh, ...ended.map(() => 'now')] },
    { family: 'truncate', name: 'cascade', text: `truncate ${name} cascade`, values: [] },
  ];
  if (mergeable) {
    probes.push(
      { family: 'merge', name: 'update by key', text: `merge into ${name} t using ${source} on ${match} when matched then update set ${touched.name} = s.${touched.name}`, values: same },
      { family: 'merge', name: 'delete by key', text: `merge into ${name} t using ${source} on ${match} when matched then delete`, values: same },
      { family: 'merge', name: 'insert', text: `merge into ${name} t using ${source} on false when not matched then insert (${columns}) values (${filled.map((column) => `s.${column.name}`).join(', ')})`, values: fresh },
    );
  }
  if (hasOrganization) {
    const ownKey = primaryKey.map((column) => own[column]);
    const last = primaryKey.length + 1;
    probes.push(
      { family: 'select', name: 'by organization, by key', text: `select * from ${name} t where organization_id = $1`, values: [b.organizationId] },
      { family: 'update', name: 'move an own row out', text: `update ${name} t set organization_id = $${last} where ${where}`, values: [...ownKey, b.organizationId] },
      { family: 'update', name: 'move every own row out', text: `update ${name} t set organization_id = $1`, values: [b.organizationId] },
      { family: 'update', name: 'take a row in, by key', text: `update ${name} t set organization_id = $${last} where ${where}`, values: [...key, a.organizationId] },
      { family: 'update', name: 'take every row in', text: `update ${name} t set organization_id = $1`, values: [a.organizationId] },
      { family: 'delete', name: 'by organization, by key', text: `delete from ${name} t where organization_id = $1`, values: [b.organizationId] },
    );
  }
  return probes;
}
