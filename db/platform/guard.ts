import type { ClientBase } from 'pg';
import { unreachable } from '@/lib/kernel/errors';
import { currentTenant, insertExcept, relations, systemRoles, type Relation, type Verb } from './relations';

export const appRole = 'studio_app';
export const jobsRole = 'studio_jobs';

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
  statements.push(...policies(name, relation));
  if (relation.class === 'public') {
    statements.push(`grant select on ${name} to ${[appRole, ...systemRoles].join(', ')}`);
    return statements;
  }
  if (relation.class !== 'platform-only') statements.push(...(await grants(client, name, appRole, relation.app)));
  for (const [role, verbs] of Object.entries(relation.system ?? {})) {
    statements.push(`create policy ${role}_access on ${name} to ${role} using (true) with check (true)`);
    statements.push(...(await grants(client, name, role, verbs)));
  }
  return statements;
}

/**
 * A permissive policy opens the rows, a restrictive one with the same condition walls them in: a permissive
 * policy added later cannot widen what the wall refuses.
 */
function policies(name: string, relation: Relation): string[] {
  switch (relation.class) {
    case 'tenant': {
      const condition = `organization_id = ${currentTenant}`;
      return wall(name, condition, condition);
    }
    case 'user-owned':
      return wall(name, relation.using, relation.check);
    case 'public':
      return [
        `create policy everyone_reads on ${name} for select using (true)`,
        `create policy owner_writes on ${name} to current_user using (true) with check (true)`,
      ];
    case 'platform-only':
      return [];
    default:
      return unreachable(relation);
  }
}

function wall(name: string, using: string, check: string): string[] {
  return [
    `create policy ${name}_access on ${name} to ${appRole} using (${using}) with check (${check})`,
    `create policy ${name}_wall on ${name} as restrictive to ${appRole} using (${using}) with check (${check})`,
  ];
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
  ];
}
