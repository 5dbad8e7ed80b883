import type { Ctx } from '@/lib/context';
import { listProjectsText } from '@/lib/projects/list-projects';
import { ProjectPage } from '@/lib/projects/schemas';

/** The list as values; the product hands on the text that the database wrote. */
export async function listProjects(ctx: Ctx, input: unknown): Promise<ProjectPage> {
  return ProjectPage.parse(JSON.parse(await listProjectsText(ctx, input)));
}
