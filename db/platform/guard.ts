import type { ClientBase } from 'pg';
import { policiesOf, type Policy } from './policies';
import { appRole, backupRole, insertExcept, jobsRole, relations, systemGrantsOf, systemRoles, type Relation, type Verb } from './relations';

/**
 * Brings the catalog in line with `relations.ts`: forced row-level security, the policies, and exactly the
 * listed grants. Idempotent; runs as the owner, inside the migration's transaction and lock.
 */
export async function applyGuard(client: ClientBase): Promise<void> {
  for (const [name, relation] of Object.entries(relations)) {
    for (const statement of await statementsFor(client, name, relation)) await client.query(statement);
  }
  for (const statement of schemaStatements()) await client.query(statement);
}

async function statementsFor(client: ClientBase, name: string, relation: Relation): Promise<string[]> {
  const statements = [
    `alter table ${name} enable row level security`,
    `alter table ${name} force row level security`,
    `revoke all on ${name} from public, ${[appRole, jobsRole, ...systemRoles].join(', ')}`,
  ];
  const { rows } = await client.query<{ policyname: string }>(
    `select policyname from pg_policies where schemaname = 'public' and tablename = $1`,
    [name],
  );
  for (const { policyname } of rows) statements.push(`drop policy "${policyname}" on ${name}`);
  statements.push(...policiesOf(name, relation).map((policy) => createPolicy(name, policy)));
  if (relation.class === 'public') {
    statements.push(`create policy owner_writes on ${name} to current_user using (true) with check (true)`);
    statements.push(`grant select on ${name} to ${[appRole, ...systemRoles].join(', ')}`);
    return statements;
  }
  if (relation.class !== 'platform-only') statements.push(...(await grants(client, name, appRole, relation.app)));
  for (const [role, verbs] of Object.entries(systemGrantsOf(relation))) {
    statements.push(...(await grants(client, name, role, verbs)));
  }
  return statements;
}

function createPolicy(table: string, { name, permissive, command, role, using, check }: Policy): string {
  const conditions = `${using === null ? '' : ` using (${using})`}${check === null ? '' : ` with check (${check})`}`;
  return `create policy ${name} on ${table} as ${permissive ? 'permissive' : 'restrictive'} for ${command} to ${role}${conditions}`;
}

async function grants(client: ClientBase, name: string, role: string, verbs: readonly Verb[]): Promise<string[]> {
  const hidden = insertExcept[name];
  if (hidden === undefined) return verbs.length === 0 ? [] : [`grant ${verbs.join(', ')} on ${name} to ${role}`];
  const { rows } = await client.query<{ column_name: string }>(
    `select column_name from information_schema.columns where table_schema = 'public' and table_name = $1`,
    [name],
  );
  const columns = rows.map((row) => row.column_name).filter((column) => !hidden.includes(column));
  return verbs.map((verb) =>
    verb === 'insert' ? `grant insert (${columns.join(', ')}) on ${name} to ${role}` : `grant ${verb} on ${name} to ${role}`,
  );
}

/**
 * `set_config` is taken from everyone, so that injected SQL cannot change the tenant from within a statement;
 * what remains is the literal `SET LOCAL` of `client.ts`.
 */
function schemaStatements(): string[] {
  return [
    `revoke create on schema public from public`,
    `grant usage on schema public to ${[appRole, jobsRole, ...systemRoles].join(', ')}`,
    `revoke execute on function pg_catalog.set_config(text, text, boolean) from public`,
    // pg_dump begins with it. Row security does not bind this role, so a context opens nothing to it.
    `grant execute on function pg_catalog.set_config(text, text, boolean) to ${backupRole}`,
  ];
}
