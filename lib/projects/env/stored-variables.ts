import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Assignment } from './dotenv';

/** The one environment that every project has. */
const production = 'production';

export interface StoredVariable {
  id: string;
  name: string;
  value: string | null;
  sealed_value: string | null;
  updated_at: Date;
}

interface Environment {
  id: string;
  version: number;
}

/** Null before the first variable was set. */
export async function findEnvironment(tx: TenantTx, organizationId: string, projectId: string): Promise<Environment | null> {
  const [row] = await tx.query<Environment>(
    'select id, manifest_version as version from environments where organization_id = $1 and project_id = $2 and name = $3',
    [organizationId, projectId, production],
  );
  return row ?? null;
}

/** Made when it is not there yet, and locked for the rest of the transaction. */
export async function lockEnvironment(tx: TenantTx, organizationId: string, projectId: string): Promise<Environment> {
  await tx.query('insert into environments (organization_id, project_id, name) values ($1, $2, $3) on conflict do nothing', [organizationId, projectId, production]);
  const [row] = await tx.query<Environment>(
    'select id, manifest_version as version from environments where organization_id = $1 and project_id = $2 and name = $3 for update',
    [organizationId, projectId, production],
  );
  if (row === undefined) throw new Error('the environment was not stored');
  return row;
}

/** In the order of their names. */
export async function listVariables(tx: TenantTx, organizationId: string, environmentId: string): Promise<StoredVariable[]> {
  return tx.query<StoredVariable>(
    'select id, name, value, sealed_value, updated_at from environment_variables where organization_id = $1 and environment_id = $2 order by name collate "C"',
    [organizationId, environmentId],
  );
}

export const sealedPlace = (row: string) => ({ table: 'environment_variables', row, column: 'sealed_value' });

export async function openValue(ctx: Ctx, tx: TenantTx, organizationId: string, { id, value, sealed_value: sealed }: StoredVariable): Promise<string> {
  if (sealed !== null) return ctx.vault.open(tx, organizationId, sealedPlace(id), sealed);
  if (value === null) throw new Error('a variable has neither value nor secret');
  return value;
}

/** What people have set for the project, secrets opened. */
export async function openAll(ctx: Ctx, tx: TenantTx, organizationId: string, projectId: string): Promise<Assignment[]> {
  const environment = await findEnvironment(tx, organizationId, projectId);
  if (environment === null) return [];
  const opened: Assignment[] = [];
  for (const row of await listVariables(tx, organizationId, environment.id)) opened.push({ name: row.name, value: await openValue(ctx, tx, organizationId, row) });
  return opened;
}
