import { railwayFailureOf, type RailwayAccount } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { invalid } from '@/lib/kernel/errors';
import { askingRailway } from '../railway-errors';

/** Whose token it is, or what is wrong with it in words for the field. */
export async function verifyToken(ctx: Ctx, token: string): Promise<RailwayAccount> {
  try {
    const account = await ctx.railway.withToken(token).whoAmI();
    if (account.workspaces.length === 0) throw invalid('/token', 'This token reaches no workspace. Create one for an account or a workspace in the settings of Railway.');
    return account;
  } catch (error) {
    const kind = railwayFailureOf(error)?.kind;
    if (kind === 'unauthorized') throw invalid('/token', 'Railway does not accept this token. Check that it was copied whole and has not been removed.');
    if (kind === 'refused') throw invalid('/token', 'This token is for a single project. Create one for an account or a workspace in the settings of Railway.');
    return askingRailway('token', Promise.reject(error));
  }
}
