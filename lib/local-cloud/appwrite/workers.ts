import { createCollection, findBy, insert, remove, removeBy } from './documents';
import { ConnectionCut } from './connection-cut';
import { finishColumns } from './data/columns-worker';
import { namespaceOf, type Platform } from './platform';
import { columns, deletions, keys, platforms, PROJECT_COLLECTIONS, projects, type Document, type ProjectDocument } from './schema';
import { Namespace } from './namespace';

/**
 * Makes the tables of a new project, whose row is there already, one by one and outside a transaction:
 * a server that dies in between leaves a half-made project, as the real one does.
 */
export async function createProjectTables(platform: Platform, project: ProjectDocument, dieAfter: number | undefined): Promise<void> {
  const ns = namespaceOf(platform, project);
  for (const [made, collection] of PROJECT_COLLECTIONS.entries()) {
    if (made === dieAfter) throw new ConnectionCut(`died after ${made} tables`);
    await createCollection(ns, collection);
  }
}

/** Hands a deleted project's tables, keys and files to the deletes worker. */
export async function enqueueDeletion(platform: Platform, project: ProjectDocument): Promise<void> {
  const { deletes } = platform.faults.settings;
  if (deletes === 'lost') return;
  const delay = deletes === 'normal' ? platform.settings.deleteDelayMs : deletes.delayMs;
  const deletion = await insert(platform.console, deletions, {
    id: 'unique()', values: { project: project.$sequence, projectId: project.$id, dueAt: new Date(Date.now() + delay) },
  });
  scheduleDeletion(platform, deletion, delay);
}

/** Takes up what a stopped server left undone. */
export async function resumeJobs(platform: Platform): Promise<void> {
  for (const deletion of await findBy(platform.console, deletions, {})) {
    scheduleDeletion(platform, deletion, Math.max(0, (deletion.values.dueAt?.getTime() ?? 0) - Date.now()));
  }
  for (const project of await findBy(platform.console, projects, {})) {
    const ns = namespaceOf(platform, project);
    if (await ns.hasTable(columns.name)) platform.jobs.later(0, 'columns worker', () => finishColumns(ns));
  }
}

type Deletion = Document<typeof deletions.attributes>;

function scheduleDeletion(platform: Platform, deletion: Deletion, delayMs: number): void {
  platform.jobs.later(delayMs, 'deletes worker', async () => {
    const { project, projectId } = deletion.values;
    const ns = Namespace.project(platform.pool, project);
    for (const table of await ns.tables()) await ns.dropTable(table);
    await removeBy(platform.console, keys, { project });
    await removeBy(platform.console, platforms, { project });
    // By id, not by sequence: a new project that took the id over loses its files, as on the real server.
    await platform.files.removeProject(projectId);
    await remove(platform.console, deletions, deletion.$sequence);
  });
}
