import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { AppError } from '@/lib/kernel/errors';
import { RailwayConnectionView } from './schemas';

export interface ConnectionRow {
  id: string;
  account_name: string;
  workspace_id: string;
  workspace_name: string;
  sealed_token: string;
  created_at: Date;
  refused_since: Date | null;
}

/** A connection with its token opened. */
export interface Connection {
  id: string;
  workspaceId: string;
  token: string;
}

export const tokenPlace = (row: string) => ({ table: 'railway_connections', row, column: 'sealed_token' });

/** The newest; null for an organization that has connected none. */
export async function findConnection(tx: TenantTx, organizationId: string): Promise<ConnectionRow | null> {
  const [row] = await tx.query<ConnectionRow>(
    `select id, account_name, workspace_id, workspace_name, sealed_token, created_at, refused_since
       from railway_connections where organization_id = $1 order by id desc limit 1`,
    [organizationId],
  );
  return row ?? null;
}

/** Null for an organization that has connected none. */
export async function openConnectionIfAny(ctx: Ctx, tx: TenantTx, organizationId: string): Promise<Connection | null> {
  const row = await findConnection(tx, organizationId);
  return row === null ? null : { id: row.id, workspaceId: row.workspace_id, token: await ctx.vault.open(tx, organizationId, tokenPlace(row.id), row.sealed_token) };
}

export async function openConnection(ctx: Ctx, tx: TenantTx, organizationId: string): Promise<Connection> {
  const connection = await openConnectionIfAny(ctx, tx, organizationId);
  if (connection === null) throw new AppError('conflict', 'This organization is not connected to Railway. An owner or admin connects it in the settings of the organization.');
  return connection;
}

export function toConnectionView(row: ConnectionRow): RailwayConnectionView {
  return RailwayConnectionView.parse({
    account: row.account_name,
    workspace: { id: row.workspace_id, name: row.workspace_name },
    connected_at: row.created_at.toISOString(),
    refused_since: row.refused_since?.toISOString() ?? null,
  });
}
