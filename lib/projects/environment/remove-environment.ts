import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { findService } from '@/lib/deployments/service/stored-service';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { OfEnvironment } from '../env/schemas';
import { lockEnvironment } from '../env/stored-variables';
import { lockProjectRow } from '../internal';

/** Removes an environment with its variables; a job revokes its keys at Appwrite. Production stays. */
export async function removeEnvironment(ctx: Ctx, project: string, environment: string): Promise<void> {
  const { environment: name } = parseInput(OfEnvironment, { environment });
  await within(ctx, { project }, 'key:manage', async (tx, access) => {
    const row = await lockProjectRow(tx, access, project);
    const { organizationId } = access;
    if (name === 'production') throw new AppError('conflict', 'Every project has production. Remove its variables instead.');
    const { id } = await lockEnvironment(tx, organizationId, row.id, name);
    if ((await findService(tx, organizationId, row.id, name)) !== null) throw new AppError('conflict', `An app is deployed in ${name}. Remove the app first.`);
    await tx.query('update services set environment_id = null where organization_id = $1 and environment_id = $2', [organizationId, id]);
    await tx.query('delete from environment_variables where organization_id = $1 and environment_id = $2', [organizationId, id]);
    const keys = await tx.query<{ id: string; state: string }>(
      `update appwrite_keys set environment_id = null, purpose = 'user', sealed_secret = null,
          state = case when state = 'live' then 'revoking' else state end, revoked_by = case when state = 'live' then $3::uuid else revoked_by end
        where organization_id = $1 and environment_id = $2 returning id, state`,
      [organizationId, id, actorId(ctx.actor)],
    );
    for (const key of keys.filter(({ state }) => state === 'revoking')) await enqueue(tx, 'retire-key', { key_id: key.id }, { jobKey: `key:${key.id}` });
    await tx.query('delete from environments where organization_id = $1 and id = $2', [organizationId, id]);
    await audit(ctx, tx, { organizationId, action: 'environment.removed', target: { kind: 'project', id: row.public_id, name: row.name }, reason: name });
  });
}
