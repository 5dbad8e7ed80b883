import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError, invalid } from '@/lib/kernel/errors';
import { newUuid } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import type { Named, RailwayAccount } from '@/lib/adapters/railway/port';
import { getRailway } from './get-railway';
import { ConnectRailway, type RailwayAnswer } from './schemas';
import { tokenPlace } from './stored-connection';
import { verifyToken } from './verify-token';

/** Connects an organization to a workspace at Railway, in the place of the one before. The token is asked at Railway first, and kept sealed. */
export async function connectRailway(ctx: Ctx, organization: string, raw: unknown): Promise<RailwayAnswer> {
  const input = parseInput(ConnectRailway, raw);
  await within(ctx, { organization }, 'railway:manage', () => Promise.resolve());
  const token = input.token ?? localToken(ctx);
  const account = await verifyToken(ctx, token);
  const workspace = chosen(account, input.workspace_id);
  await within(ctx, { organization }, 'railway:manage', async (tx, { organizationId }) => {
    // One after the other, so that the newest is the one that was asked for last.
    await tx.query('select 1 from organizations where id = $1 for update', [organizationId]);
    await tx.query('delete from railway_connections where organization_id = $1', [organizationId]);
    const id = newUuid(ctx.clock.now().getTime());
    await tx.query(
      `insert into railway_connections (organization_id, id, account_name, workspace_id, workspace_name, sealed_token, connected_by) values ($1, $2, $3, $4, $5, $6, $7)`,
      [organizationId, id, account.name, workspace.id, workspace.name, await ctx.vault.seal(tx, organizationId, tokenPlace(id), token), actorId(ctx.actor)],
    );
    await audit(ctx, tx, { organizationId, action: 'railway.connected', target: { kind: 'railway', id: workspace.id, name: workspace.name } });
  });
  return getRailway(ctx, organization);
}

function localToken(ctx: Ctx): string {
  if (ctx.railway.localToken === null) throw new AppError('conflict', 'There is no local Railway here. Paste the token of a Railway account.');
  return ctx.railway.localToken;
}

function chosen({ workspaces }: RailwayAccount, id: string | undefined): Named {
  const [only, ...others] = workspaces;
  if (id === undefined && only !== undefined && others.length === 0) return only;
  const found = workspaces.find((workspace) => workspace.id === id);
  if (found === undefined) throw invalid('/workspace_id', id === undefined ? 'This token reaches several workspaces. Choose one.' : 'This token does not reach that workspace.');
  return found;
}
