import { sql } from 'drizzle-orm';
import { check, foreignKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, updatedAt } from './columns';
import { environments } from './projects';

/** What people set beside the variables that the backend gives. A secret is sealed under the organization's data key. */
export const environmentVariables = tenantTable(
  'environment_variables',
  {
    environmentId: uuid('environment_id').notNull(),
    name: text('name').notNull(),
    value: text('value'),
    sealedValue: text('sealed_value'),
    updatedBy: uuid('updated_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    foreignKey({
      name: 'environment_variables_environment_fk',
      columns: [t.organizationId, t.environmentId],
      foreignColumns: [environments.organizationId, environments.id],
    }).onDelete('restrict'),
    unique('environment_variables_name_key').on(t.organizationId, t.environmentId, t.name),
    check('environment_variables_value_check', sql`(${t.value} is null) <> (${t.sealedValue} is null)`),
  ],
);
