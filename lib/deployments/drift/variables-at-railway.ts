import type { Ctx } from '@/lib/context';
import type { ReadRight } from '@/lib/identity/access/policy';
import { within } from '@/lib/identity/access/within';
import { readManifest, renderManifest, type Manifest } from '@/lib/projects/env/render-manifest';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { getProjectRow } from '@/lib/projects/internal';
import { demandReady } from '@/lib/projects/states';
import { openConnection } from '../connection/stored-connection';
import { askingRailway } from '../railway-errors';
import { findService, placeAtRailway, type ServiceRow } from '../service/stored-service';

export interface BothSides {
  manifest: Manifest;
  service: ServiceRow | null;
  /** Null where Railway has no such service yet. */
  theirs: Record<string, string> | null;
}

/** The variables of an environment as Studio has them and as Railway does. */
export async function bothSides(ctx: Ctx, project: string, environment: EnvironmentName, right: ReadRight): Promise<BothSides> {
  const { stored, service, at, token } = await within(ctx, { project }, right, async (tx, access) => {
    const { organizationId } = access;
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const found = await findService(tx, organizationId, row.id, environment);
    const place = found === null ? null : placeAtRailway(found);
    return {
      stored: await readManifest(ctx, tx, { organizationId, projectId: row.id, environment }),
      service: found,
      at: place,
      token: place === null ? null : (await openConnection(ctx, tx, organizationId)).token,
    };
  });
  const manifest = await renderManifest(ctx, stored);
  if (at === null || token === null) return { manifest, service, theirs: null };
  return { manifest, service, theirs: await askingRailway('app', ctx.railway.withToken(token).getVariables(at)) };
}
