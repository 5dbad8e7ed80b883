import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getProjectRow } from '../internal';
import { listKeyRows, toKeyView } from './stored-keys';
import type { KeyView } from './schemas';

/** The keys of a project, newest first; of their secrets only the last four characters. */
export async function listKeys(ctx: Ctx, project: string): Promise<{ data: KeyView[] }> {
  return within(ctx, { project }, 'key:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    return { data: (await listKeyRows(tx, access.organizationId, row.id)).map(toKeyView) };
  });
}
