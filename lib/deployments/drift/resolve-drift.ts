import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { getProjectRow } from '@/lib/projects/internal';
import { audit } from '@/lib/trust/audit/record';
import { createDeployment } from '../create-deployment';
import { compareVariables } from './compare';
import { DriftView, ResolveDrift } from './schemas';
import { bothSides } from './variables-at-railway';

/**
 * Ends a difference by keeping one side. `studio` deploys, which sets every variable as it is here; `railway` takes
 * Railway's values over, but for the ones that follow the backend. Answers what still differs.
 */
export async function resolveDrift(ctx: Ctx, project: string, raw: unknown): Promise<DriftView> {
  const { environment, keep, version } = parseInput(ResolveDrift, raw);
  await within(ctx, { project }, 'deployment:write', () => Promise.resolve());
  const { manifest, theirs } = await bothSides(ctx, project, environment, 'env:read');
  if (theirs === null) throw new AppError('conflict', 'Nothing is deployed here, so there is nothing to compare with.');
  if (manifest.version !== version) throw new AppError('conflict', 'Somebody changed the variables meanwhile. Look at the differences again.');
  const differences = compareVariables(manifest.variables, theirs);
  if (keep === 'studio') await createDeployment(ctx, project, { environment, version });
  else {
    const own = differences.filter(({ generated }) => !generated);
    const variables = own.flatMap(({ name, kind, secret }) => (kind === 'missing' ? [] : [{ name, value: theirs[name] ?? '', secret }]));
    const remove = own.filter(({ kind }) => kind === 'missing').map(({ name }) => name);
    if (variables.length + remove.length > 0) await changeVariables(ctx, project, { variables, remove, version }, { environment });
  }
  const after = keep === 'studio' ? manifest : (await bothSides(ctx, project, environment, 'env:read')).manifest;
  await within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    await audit(ctx, tx, { organizationId: access.organizationId, action: 'drift.resolved', target: { kind: 'project', id: row.public_id, name: row.name }, reason: `${environment}: kept ${keep === 'studio' ? 'Studio' : 'Railway'}` });
  });
  return DriftView.parse({ checked_at: ctx.clock.now().toISOString(), differences: compareVariables(after.variables, theirs), version: after.version });
}
