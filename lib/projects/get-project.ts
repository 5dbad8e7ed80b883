import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getProjectRow, toProjectView } from './internal';
import type { ProjectView } from './schemas';

export async function getProject(ctx: Ctx, project: string): Promise<ProjectView> {
  return within(ctx, { project }, 'project:read', async (tx, access) => toProjectView(await getProjectRow(tx, access, project), access));
}
