import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { asking } from '../appwrite-errors';
import { getPlacedProject, getProjectRow } from '../internal';
import { findEnvKey } from '../key/stored-keys';
import { recentCopy } from '../recent-copy';
import { demandReady } from '../states';

export const FirstRequestView = z.object({
  /** When Appwrite noted a request with the key of the variables; null while none has come. */
  received_at: z.string().nullable(),
  /** False when the key is old enough for Appwrite to have noted a later request in the place of the first one. */
  first: z.boolean(),
});

export type FirstRequestView = z.infer<typeof FirstRequestView>;

/** After a use Appwrite keeps its note for this long before it writes a newer one. */
const noteHoldsMs = 86_400_000;

/** Whether an app has called Appwrite with the key that the project's variables carry now. */
export async function getFirstRequest(ctx: Ctx, project: string): Promise<FirstRequestView> {
  const { organizationId, place, key } = await within(ctx, { project }, 'env:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const envKey = await findEnvKey(tx, access.organizationId, row.id);
    if (envKey === undefined) throw new AppError('conflict', 'The project has no key for its variables. Rotate or create one first.');
    return { organizationId: access.organizationId, place: await getPlacedProject(tx, access.organizationId, row.id), key: envKey };
  });
  const { appwriteProjectId: projectId, instanceId } = place;
  return recentCopy(ctx, organizationId, {
    of: [projectId, 'first request', key.appwrite_key_id],
    view: FirstRequestView,
    async read() {
      const admin = (await ctx.appwrite.byId(instanceId)).admin({ tenant: organizationId });
      const { usedAt } = await asking('key', admin.getKey({ projectId, keyId: key.appwrite_key_id }));
      return { received_at: usedAt?.toISOString() ?? null, first: usedAt !== null && usedAt.getTime() - key.created_at.getTime() < noteHoldsMs };
    },
  });
}
