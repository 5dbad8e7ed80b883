import { enqueue } from '@/db/platform/outbox';
import { appwriteFailureOf } from '@/lib/adapters/appwrite/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { audit } from '@/lib/trust/audit/record';
import { getProjectRow } from '../internal';
import { lockKeyRow, toKeyView } from './stored-keys';
import { retireKey } from './retire-key';
import type { KeyView } from './schemas';

/** How long the job leaves the first try to the request itself. */
const jobAfterMs = 5_000;

/**
 * Revokes a key at once. When Appwrite does not answer, the key stays `revoking` and a job goes on until it is
 * gone. The key of the environment variables can only be rotated.
 */
export async function revokeKey(ctx: Ctx, project: string, key: string): Promise<KeyView> {
  const { organizationId, projectId, keyId } = await within(ctx, { project }, 'key:manage', async (tx, access) => {
    const found = await getProjectRow(tx, access, project);
    const row = await lockKeyRow(tx, access.organizationId, found.id, key);
    const ids = { organizationId: access.organizationId, projectId: found.id, keyId: row.id };
    if (row.state === 'revoking' || row.state === 'revoked') return ids;
    if (row.purpose === 'env' && row.replaced_by === null) throw new AppError('conflict', 'This key serves the environment variables. Rotate it instead, or remove the environment.');
    await tx.query(`update appwrite_keys set state = 'revoking', revoked_by = $3 where organization_id = $1 and id = $2`, [ids.organizationId, row.id, actorId(ctx.actor)]);
    await enqueue(tx, 'retire-key', { key_id: row.id }, { jobKey: `key:${row.id}`, afterMs: jobAfterMs });
    await audit(ctx, tx, { organizationId: ids.organizationId, action: 'key.revoked', target: { kind: 'key', id: row.public_id, name: row.name } });
    return ids;
  });
  try {
    await retireKey(ctx, organizationId, keyId);
  } catch (error) {
    if (appwriteFailureOf(error) === undefined) throw error;
    ctx.log.warn({ err: error, key }, 'Appwrite did not revoke the key yet; a job goes on');
  }
  return within(ctx, { project }, 'key:manage', async (tx) => toKeyView(await lockKeyRow(tx, organizationId, projectId, key)));
}
