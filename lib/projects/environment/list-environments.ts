import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { environmentNames, type EnvironmentName } from '../env/schemas';
import { getProjectRow, type ProjectRow } from '../internal';
import { EnvironmentView } from './schemas';

/** Production first. It is there even before its first variable. */
export async function listEnvironments(ctx: Ctx, project: string): Promise<{ data: EnvironmentView[] }> {
  return within(ctx, { project }, 'env:read', async (tx, access) => ({ data: await environmentViews(tx, access.organizationId, await getProjectRow(tx, access, project)) }));
}

export async function environmentViews(tx: TenantTx, organizationId: string, project: ProjectRow): Promise<EnvironmentView[]> {
  const rows = await tx.query<{ name: EnvironmentName; created_at: Date; variables: number }>(
    `select e.name, e.created_at, (select count(*)::int from environment_variables v where v.organization_id = e.organization_id and v.environment_id = e.id) as variables
       from environments e where e.organization_id = $1 and e.project_id = $2`,
    [organizationId, project.id],
  );
  const known = new Map(rows.map(({ name, created_at: createdAt, variables }) => [name, { name, variables, created_at: createdAt.toISOString() }]));
  known.set('production', { name: 'production', variables: known.get('production')?.variables ?? 0, created_at: project.created_at.toISOString() });
  return environmentNames.flatMap((name) => known.get(name) ?? []).map((view) => EnvironmentView.parse(view));
}
