import type { TenantTx } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { redeployLive } from '@/lib/deployments/redeploy-live';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import type { EnvironmentName } from '../env/schemas';
import { getPlacedProject, lockProjectRow } from '../internal';
import { demandReady } from '../states';
import { lockKeyRow, storeKeySecret, toKeyView, type KeyRow } from './stored-keys';
import { mint, recordOrTakeBack, writeIntent, type KeyIntent } from './mint';
import { CreatedKey, RotateKey } from './schemas';

/**
 * Mints a key with the same name, scopes and expiry, and retires the old one after `overlap_seconds`. The key of
 * the environment variables is replaced in them too, and the app that runs on them is deployed again. The new secret
 * comes with this answer only.
 */
export async function rotateKey(ctx: Ctx, project: string, key: string, raw: unknown): Promise<CreatedKey> {
  const { overlap_seconds: overlapSeconds } = parseInput(RotateKey, raw);
  const { projectId, old, intent } = await within(ctx, { project }, 'key:manage', async (tx, access) => {
    // Before the key: whoever removes its environment locks in the same order.
    const found = await lockProjectRow(tx, access, project);
    demandReady(found.status);
    const { organizationId } = access;
    const row = await lockKeyRow(tx, organizationId, found.id, key);
    demandRotatable(row);
    const place = await getPlacedProject(tx, organizationId, found.id);
    const { name, purpose, environment_id: environmentId, scopes, expires_at: expiresAt } = row;
    return { projectId: found.id, old: row, intent: await writeIntent(ctx, tx, { organizationId, projectId: found.id, place, name, purpose, environmentId, scopes, expiresAt }) };
  });
  const secret = await mint(ctx, intent);
  return recordOrTakeBack(ctx, intent, project, async (tx, { organizationId }) => {
    demandRotatable(await lockKeyRow(tx, organizationId, projectId, old.public_id));
    await open(ctx, tx, { intent, purpose: old.purpose, secret });
    if (old.purpose === 'env') await redeployLive(ctx, tx, { organizationId, projectId, environment: await environmentOf(tx, organizationId, old) });
    await retireLater(tx, { organizationId, oldId: old.id, newId: intent.id, overlapSeconds });
    await audit(ctx, tx, {
      organizationId,
      action: 'key.rotated',
      target: { kind: 'key', id: old.public_id, name: old.name },
      changes: { key: { from: old.public_id, to: intent.publicId }, overlap_seconds: { from: null, to: overlapSeconds } },
    });
    await emitEvent(ctx, tx, { organizationId, type: 'key.rotated', data: { project: { id: project }, key: { id: intent.publicId, name: old.name }, replaces: old.public_id, overlap_seconds: overlapSeconds } });
    return CreatedKey.parse({ ...toKeyView(await lockKeyRow(tx, organizationId, projectId, intent.publicId)), secret });
  });
}

/** Production's key names no environment. */
async function environmentOf(tx: TenantTx, organizationId: string, { environment_id: id }: KeyRow): Promise<EnvironmentName> {
  if (id === null) return 'production';
  const [row] = await tx.query<{ name: EnvironmentName }>('select name from environments where organization_id = $1 and id = $2', [organizationId, id]);
  if (row === undefined) throw new Error('the environment of the key is not there');
  return row.name;
}

function demandRotatable(row: KeyRow): void {
  if (row.state !== 'live') throw new AppError('conflict', 'Only a key that works can be rotated.');
  if (row.replaced_by !== null) throw new AppError('conflict', 'This key has been rotated already. Rotate the one that took its place.');
}

/** Only the key of the variables is kept, because an export has to show it again. */
async function open(ctx: Ctx, tx: TenantTx, { intent, purpose, secret }: { intent: KeyIntent; purpose: 'env' | 'user'; secret: string }): Promise<void> {
  const { organizationId, id: keyRowId } = intent;
  const [row] = await tx.query(
    `update appwrite_keys set state = 'live', last_four = $3 where organization_id = $1 and id = $2 and state = 'requested' returning id`,
    [organizationId, keyRowId, secret.slice(-4)],
  );
  if (row === undefined) throw new AppError('unavailable', 'Minting the key took too long and was taken back. Try again.');
  if (purpose === 'env') await storeKeySecret(ctx, tx, { organizationId, keyRowId, secret });
}

async function retireLater(tx: TenantTx, { organizationId, oldId, newId, overlapSeconds }: { organizationId: string; oldId: string; newId: string; overlapSeconds: number }): Promise<void> {
  const [row] = await tx.query<{ retire_at: Date }>(
    `update appwrite_keys set replaced_by = $3, retire_at = clock_timestamp() + $4 * interval '1 second'
      where organization_id = $1 and id = $2 returning retire_at`,
    [organizationId, oldId, newId, overlapSeconds],
  );
  if (row === undefined) throw new Error('the old key is not there');
  await enqueue(tx, 'retire-key', { key_id: oldId }, { jobKey: `key:${oldId}`, runAt: row.retire_at });
}
