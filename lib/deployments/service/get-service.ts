import type { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { getProjectRow } from '@/lib/projects/internal';
import { OfService, ServiceAnswer } from './schemas';
import { findService, toServiceView } from './stored-service';

/** The app of an environment; null where nothing is deployed. */
export async function getService(ctx: Ctx, project: string, raw: unknown = {}): Promise<z.infer<typeof ServiceAnswer>> {
  const { environment } = parseInput(OfService, raw);
  return within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { id } = await getProjectRow(tx, access, project);
    const row = await findService(tx, access.organizationId, id, environment);
    return ServiceAnswer.parse({ service: row === null ? null : toServiceView(row, ctx.railway.exampleRepository) });
  });
}
