import type { Ctx } from '@/lib/context';
import { demandStepUp } from '@/lib/identity/access/step-up';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { getProjectRow } from '../internal';
import { demandReady } from '../states';
import { envText } from './manifest';
import { readManifest, renderManifest } from './render-manifest';
import { ExportEnv } from './schemas';

/**
 * The variables of a project as text, `.env` unless told, secrets included: the same that are given to its app, and the
 * one place where a stored secret leaves. Needs the password again within five minutes (`step_up_required`), and is
 * written to the audit log.
 */
export async function exportEnv(ctx: Ctx, project: string, raw: unknown = {}): Promise<string> {
  const { environment, format } = parseInput(ExportEnv, raw);
  const stored = await within(ctx, { project }, 'env:export', async (tx, access) => {
    const { organizationId } = access;
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    demandStepUp(access);
    await audit(ctx, tx, { organizationId, action: 'env.exported', target: { kind: 'project', id: row.public_id, name: row.name }, reason: environment });
    return readManifest(ctx, tx, { organizationId, projectId: row.id, environment });
  });
  const { variables } = await renderManifest(ctx, stored);
  return envText(variables, format);
}
