import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';
import { asking } from '../appwrite-errors';
import { getPlacedProject, getProjectRow } from '../internal';
import { demandReady } from '../states';

interface Change<Result> {
  action: 'platform.added' | 'platform.removed';
  target: { id: string | null; name: string | null };
  act(admin: AppwriteAdmin, appwriteProjectId: string): Promise<Result>;
}

/**
 * Platforms live at Appwrite alone, so the log is written before the call: nothing can happen there that is not
 * in it. A call that fails adds a second entry that says so.
 */
export async function changePlatforms<Result>(ctx: Ctx, project: string, { action, target, act }: Change<Result>): Promise<Result> {
  const { organizationId, place } = await within(ctx, { project }, 'platform:manage', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const found = await getPlacedProject(tx, access.organizationId, row.id);
    await audit(ctx, tx, { organizationId: access.organizationId, action, target: { kind: 'platform', ...target } });
    return { organizationId: access.organizationId, place: found };
  });
  const admin = (await ctx.appwrite.byId(place.instanceId)).admin({ tenant: organizationId });
  try {
    return await asking('platform', act(admin, place.appwriteProjectId));
  } catch (error) {
    const failed = { organizationId, action: `${action}_failed`, target: { kind: 'platform', ...target }, reason: 'Appwrite did not do it' } as const;
    // The caller must hear what went wrong first.
    await within(ctx, { project }, 'platform:manage', (tx) => audit(ctx, tx, failed)).catch((second: unknown) => ctx.log.error({ err: second, entry: failed }, 'a failure is missing in the audit log'));
    throw error;
  }
}
