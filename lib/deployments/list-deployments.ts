import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { lastUuid, readCursor, toPage, uuidCursor, type Page } from '@/lib/kernel/page';
import { parseInput } from '@/lib/kernel/parse';
import { getProjectRow } from '@/lib/projects/internal';
import { ListDeployments, type DeploymentView } from './schemas';
import { listDeploymentRows, toDeploymentView } from './stored-deployments';

/** The deployments of a project, the newest first. */
export async function listDeployments(ctx: Ctx, project: string, raw: unknown = {}): Promise<Page<DeploymentView>> {
  const { environment, cursor, limit } = parseInput(ListDeployments, raw);
  const before = readCursor(cursor) ?? lastUuid;
  return within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { id: projectId } = await getProjectRow(tx, access, project);
    return toPage(await listDeploymentRows(tx, access.organizationId, { projectId, environment, before, limit }), limit, uuidCursor, toDeploymentView);
  });
}
