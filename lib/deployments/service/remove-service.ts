import type { z } from 'zod';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { notFound } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { lockProjectRow } from '@/lib/projects/internal';
import { startSaga } from '@/lib/sagas/start';
import { audit } from '@/lib/trust/audit/record';
import { OfService, ServiceAnswer } from './schemas';
import { findService, lockService, toServiceView } from './stored-service';

/** Takes the app of an environment down for good; a job removes it at Railway. Its history and logs stay. */
export async function removeService(ctx: Ctx, project: string, raw: unknown = {}): Promise<z.infer<typeof ServiceAnswer>> {
  const { environment } = parseInput(OfService, raw);
  return within(ctx, { project }, 'deployment:write', async (tx, access) => {
    const { organizationId } = access;
    const { id } = await lockProjectRow(tx, access, project);
    const row = await lockService(tx, organizationId, id, environment);
    if (row === null) throw notFound('app');
    await startSaga(ctx, tx, { organizationId, projectId: id, serviceId: row.id, kind: 'remove-service' });
    await audit(ctx, tx, { organizationId, action: 'service.removal_started', target: { kind: 'deployment', id: row.public_id, name: `${row.source} in ${environment}` } });
    const now = await findService(tx, organizationId, id, environment);
    return ServiceAnswer.parse({ service: now === null ? null : toServiceView(now, ctx.railway.exampleRepository) });
  });
}
