import type { Ctx } from '@/lib/context';
import { demandStepUp } from '@/lib/identity/access/step-up';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { getPlacedProject, getProjectRow } from '../internal';
import { findEnvKey, openKeySecret } from '../key/stored-keys';
import { demandReady } from '../states';
import { envText } from './manifest';
import { ExportEnv } from './schemas';
import { findEnvironment, keyOwner, openAll } from './stored-variables';

/**
 * The variables of a project as text, `.env` unless told, secrets included: the one place where a stored secret leaves. Needs the password
 * again within five minutes (`step_up_required`), and is written to the audit log.
 */
export async function exportEnv(ctx: Ctx, project: string, raw: unknown = {}): Promise<string> {
  const { environment: name, format } = parseInput(ExportEnv, raw);
  const { source, apiKey, own } = await within(ctx, { project }, 'env:export', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    demandStepUp(ctx, access);
    const environment = await findEnvironment(tx, access.organizationId, row.id, name);
    const key = await findEnvKey(tx, access.organizationId, row.id, keyOwner(environment, name));
    if (key?.sealed_secret == null) throw new AppError('conflict', 'The project has no key for its variables. Rotate or create one first.');
    await audit(ctx, tx, { organizationId: access.organizationId, action: 'env.exported', target: { kind: 'project', id: row.public_id, name: row.name }, reason: name });
    return {
      source: await getPlacedProject(tx, access.organizationId, row.id),
      apiKey: await openKeySecret(ctx, tx, access.organizationId, { id: key.id, sealed_secret: key.sealed_secret }),
      own: await openAll(ctx, tx, access.organizationId, environment),
    };
  });
  const { publicEndpoint } = await ctx.appwrite.byId(source.instanceId);
  return envText({ endpoint: publicEndpoint, appwriteProjectId: source.appwriteProjectId }, apiKey, own, format);
}
