import { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getPlacedProject, getProjectRow } from '../internal';
import { findEnvKey } from '../key/stored-keys';
import { demandReady } from '../states';
import { keyVariable, openVariables } from './manifest';

export const EnvView = z.object({
  variables: z.array(
    z.object({
      name: z.string(),
      secret: z.boolean(),
      /** Null for a secret: only an export shows it. */
      value: z.string().nullable(),
      preview: z.string(),
    }),
  ),
});

export type EnvView = z.infer<typeof EnvView>;

/** The variables of a project. A secret shows its last four characters and never its value. */
export async function getEnv(ctx: Ctx, project: string): Promise<EnvView> {
  const { source, lastFour } = await within(ctx, { project }, 'env:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const key = await findEnvKey(tx, access.organizationId, row.id);
    return { source: await getPlacedProject(tx, access.organizationId, row.id), lastFour: key?.last_four ?? null };
  });
  const { publicEndpoint } = await ctx.appwrite.byId(source.instanceId);
  const open = openVariables({ endpoint: publicEndpoint, appwriteProjectId: source.appwriteProjectId });
  return EnvView.parse({
    variables: [
      ...open.map(({ name, secret, value }) => ({ name, secret, value, preview: value })),
      { name: keyVariable, secret: true, value: null, preview: lastFour === null ? 'not minted yet' : `standard_…${lastFour}` },
    ],
  });
}
