import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError, notFound } from '@/lib/kernel/errors';
import { audit } from '@/lib/trust/audit/record';
import { findConnection } from './stored-connection';

/** Forgets the token. What runs at Railway goes on running there, so an app that is on its way keeps the connection. */
export async function disconnectRailway(ctx: Ctx, organization: string): Promise<void> {
  await within(ctx, { organization }, 'railway:manage', async (tx, { organizationId }) => {
    const row = await findConnection(tx, organizationId);
    if (row === null) throw notFound('connection');
    const [open] = await tx.query(`select 1 from sagas where organization_id = $1 and service_id is not null and state in ('running', 'undoing') limit 1`, [organizationId]);
    if (open !== undefined) throw new AppError('conflict', 'A deployment is under way. Wait until it is done, then disconnect.');
    await tx.query('delete from railway_connections where organization_id = $1', [organizationId]);
    await audit(ctx, tx, { organizationId, action: 'railway.disconnected', target: { kind: 'railway', id: row.workspace_id, name: row.workspace_name } });
  });
}
