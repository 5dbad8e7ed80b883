import { sql } from 'drizzle-orm';
import {
  pgTable,
  primaryKey,
  uuid,
  type PgColumnBuilderBase,
  type PgTableExtraConfigValue,
} from 'drizzle-orm/pg-core';
import type { BuildExtraConfigColumns } from 'drizzle-orm';

function tenantColumns() {
  return {
    organizationId: uuid('organization_id').notNull(),
    id: uuid('id')
      .notNull()
      .default(sql`uuidv7()`),
  };
}

type TenantColumns = ReturnType<typeof tenantColumns>;

/**
 * A table whose rows belong to one organization. The primary key starts with the organization, so that
 * every foreign key between tenant tables can carry it on both sides and no reference leaves the tenant.
 * Row-level security, the restrictive wall and the grants come from `relations.ts`.
 */
export function tenantTable<Name extends string, Columns extends Record<string, PgColumnBuilderBase>>(
  name: Name,
  columns: Columns,
  extra: (
    table: BuildExtraConfigColumns<Name, TenantColumns & Columns, 'pg'>,
  ) => PgTableExtraConfigValue[] = () => [],
) {
  return pgTable(name, { ...tenantColumns(), ...columns }, (table) => [
    primaryKey({ name: `${name}_pk`, columns: [table.organizationId, table.id] }),
    ...extra(table),
  ]);
}
