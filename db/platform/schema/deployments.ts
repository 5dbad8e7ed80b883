import { sql } from 'drizzle-orm';
import { check, foreignKey, integer, text, unique, uuid } from 'drizzle-orm/pg-core';
import { tenantTable } from '../tenant-table';
import { createdAt, updatedAt } from './columns';
import { projects } from './projects';

/** Where an app of a project runs, with variables of its own. A row is made when the first variable is. */
export const environments = tenantTable(
  'environments',
  {
    projectId: uuid('project_id').notNull(),
    /** Known by its name inside the project, also outside. */
    name: text('name').notNull(),
    /** Counts every change of the variables. */
    manifestVersion: integer('manifest_version').notNull().default(0),
    createdAt: createdAt(),
  },
  (t) => [
    foreignKey({
      name: 'environments_project_fk',
      columns: [t.organizationId, t.projectId],
      foreignColumns: [projects.organizationId, projects.id],
    }).onDelete('restrict'),
    unique('environments_name_key').on(t.organizationId, t.projectId, t.name),
    check('environments_name_check', sql`${t.name} in ('production', 'staging', 'preview')`),
  ],
);

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
