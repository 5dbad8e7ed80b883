import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { RailwayAnswer } from './schemas';
import { findConnection, toConnectionView } from './stored-connection';

/** The Railway workspace that an organization deploys to; its token is shown to nobody. */
export async function getRailway(ctx: Ctx, organization: string): Promise<RailwayAnswer> {
  return within(ctx, { organization }, 'deployment:read', async (tx, { organizationId }) => {
    const row = await findConnection(tx, organizationId);
    return RailwayAnswer.parse({
      connection: row === null ? null : toConnectionView(row),
      local_available: ctx.railway.localToken !== null,
      example_available: ctx.railway.exampleRepository !== null,
    });
  });
}
