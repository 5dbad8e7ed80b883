import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { closeAttempt } from './abandon';

/** Appwrite is still at it; the job runner comes again. */
export class NotGoneYet extends Error {
  override readonly name = 'NotGoneYet';
}

/** Deletes what an abandoned attempt may have left at Appwrite and closes it once it is seen to be gone. */
export async function removeAttempt(ctx: Ctx, organizationId: string, attemptId: string): Promise<void> {
  const attempt = await within(ctx, { organizationId }, 'project:read', async (tx) => {
    const [row] = await tx.query<{ instance_id: string; appwrite_project_id: string; team_id: string }>(
      `select a.instance_id, a.appwrite_project_id, t.team_id
         from appwrite_projects a
         join appwrite_teams t on t.organization_id = a.organization_id and t.instance_id = a.instance_id
        where a.organization_id = $1 and a.id = $2 and a.state = 'abandoned'`,
      [organizationId, attemptId],
    );
    return row;
  });
  if (attempt === undefined) return;
  const admin = (await ctx.appwrite.byId(attempt.instance_id)).admin({ tenant: organizationId });
  const ref = { teamId: attempt.team_id, projectId: attempt.appwrite_project_id };
  await admin.deleteProject(ref);
  if (!(await admin.projectGone(ref))) throw new NotGoneYet('Appwrite still shows the deleted project');
  await within(ctx, { organizationId }, 'project:update', (tx) => closeAttempt(tx, organizationId, attemptId));
}
