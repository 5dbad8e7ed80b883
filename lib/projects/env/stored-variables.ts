import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { notFound } from '@/lib/kernel/errors';
import type { EnvironmentName } from './schemas';

export interface StoredVariable {
  id: string;
  name: string;
  value: string | null;
  sealed_value: string | null;
  updated_at: Date;
  /** By name. */
  updater: string | null;
}

export interface Environment {
  id: string;
  version: number;
}

/** Null for production before its first variable was set; any other that is not there is `not_found`. */
export async function findEnvironment(tx: TenantTx, organizationId: string, projectId: string, name: EnvironmentName): Promise<Environment | null> {
  const [row] = await tx.query<Environment>(
    'select id, manifest_version as version from environments where organization_id = $1 and project_id = $2 and name = $3',
    [organizationId, projectId, name],
  );
  if (row === undefined && name !== 'production') throw notFound('environment');
  return row ?? null;
}

/** Locked for the rest of the transaction; production's is made when it is not there yet. */
export async function lockEnvironment(tx: TenantTx, organizationId: string, projectId: string, name: EnvironmentName): Promise<Environment> {
  if (name === 'production') await tx.query('insert into environments (organization_id, project_id, name) values ($1, $2, $3) on conflict do nothing', [organizationId, projectId, name]);
  const [row] = await tx.query<Environment>(
    'select id, manifest_version as version from environments where organization_id = $1 and project_id = $2 and name = $3 for update',
    [organizationId, projectId, name],
  );
  if (row === undefined) throw notFound('environment');
  return row;
}

/** In the order of their names. */
export async function listVariables(tx: TenantTx, organizationId: string, environmentId: string): Promise<StoredVariable[]> {
  return tx.query<StoredVariable>(
    `select v.id, v.name, v.value, v.sealed_value, v.updated_at, nullif(concat_ws(' ', u.first_name, u.last_name), '') as updater
       from environment_variables v left join users u on u.id = v.updated_by
      where v.organization_id = $1 and v.environment_id = $2 order by v.name collate "C"`,
    [organizationId, environmentId],
  );
}

/** Production's key is that of the project and refers to no environment. */
export function keyOwner(environment: Environment | null, name: EnvironmentName): string | null {
  return name === 'production' ? null : (environment?.id ?? null);
}

export const sealedPlace = (row: string) => ({ table: 'environment_variables', row, column: 'sealed_value' });

export async function openValue(ctx: Ctx, tx: TenantTx, organizationId: string, { id, value, sealed_value: sealed }: StoredVariable): Promise<string> {
  if (sealed !== null) return ctx.vault.open(tx, organizationId, sealedPlace(id), sealed);
  if (value === null) throw new Error('a variable has neither value nor secret');
  return value;
}
