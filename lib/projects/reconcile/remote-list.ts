import type { AppwriteAdmin, RemoteProject } from '@/lib/adapters/appwrite/port';

const pageSize = 100;
/** Far above what one instance holds; a list that does not end is a fault, not a fact. */
const mostPages = 1_000;

/**
 * Every project of an instance, or null when the list cannot be trusted to be whole: it is empty, a page
 * repeats, or fewer came than the server counts. A page that fails throws.
 */
export async function listWhole(admin: AppwriteAdmin): Promise<RemoteProject[] | null> {
  const seen = new Map<string, RemoteProject>();
  let after: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { total, projects } = await admin.listProjects({ limit: pageSize, ...(after === undefined ? {} : { after }) });
    const before = seen.size;
    for (const project of projects) seen.set(project.id, project);
    if (projects.length < pageSize) return seen.size > 0 && seen.size >= total ? [...seen.values()] : null;
    if (seen.size === before) return null;
    after = projects.at(-1)?.id;
  }
  return null;
}
