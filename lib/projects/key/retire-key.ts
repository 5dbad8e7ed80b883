import type { TenantTx } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { environmentRunningWith, redeployLive } from '@/lib/deployments/redeploy-live';
import { within } from '@/lib/identity/access/within';
import { audit } from '@/lib/trust/audit/record';

interface DueKey {
  public_id: string;
  name: string;
  appwrite_key_id: string;
  appwrite_project_id: string;
  instance_id: string;
}

/**
 * Deletes a key at Appwrite whose time has come: revoked, replaced and past its overlap, or never recorded as
 * minted. Does nothing to any other key, so it may run at any time and twice.
 */
export async function retireKey(ctx: Ctx, organizationId: string, keyId: string): Promise<void> {
  const key = await within(ctx, { organizationId }, 'key:manage', async (tx) => {
    if (await isWaitedFor(ctx, tx, organizationId, keyId)) return undefined;
    const [due] = await tx.query<DueKey>(
      `update appwrite_keys k set state = 'revoking' from appwrite_projects a
        where k.organization_id = $1 and k.id = $2 and a.organization_id = k.organization_id and a.id = k.appwrite_project_row_id
          and (k.state = 'revoking' or k.state = 'live' and k.retire_at <= clock_timestamp()
               or k.state = 'requested' and k.created_at < clock_timestamp() - interval '1 minute')
        returning k.public_id, k.name, k.appwrite_key_id, a.appwrite_project_id, a.instance_id`,
      [organizationId, keyId],
    );
    return due;
  });
  if (key === undefined) return;
  const admin = (await ctx.appwrite.byId(key.instance_id)).admin({ tenant: organizationId });
  await admin.deleteKey({ projectId: key.appwrite_project_id, keyId: key.appwrite_key_id });
  await within(ctx, { organizationId }, 'key:manage', async (tx) => {
    const [revoked] = await tx.query(
      `update appwrite_keys set state = 'revoked', revoked_at = coalesce(revoked_at, clock_timestamp()), sealed_secret = null
        where organization_id = $1 and id = $2 and state = 'revoking' returning id`,
      [organizationId, keyId],
    );
    if (revoked === undefined) return;
    await audit(ctx, tx, { organizationId, action: 'key.retired', target: { kind: 'key', id: key.public_id, name: key.name } });
  });
}

/** How long after its time a rotated key may live on for an app that could not be started with the new one yet. */
const graceMinutes = 60;
const againAfterMs = 30_000;
const mostTries = 3;

/**
 * A key that was rotated stays while a running app still holds it, for a while: taking it would end the app. The app
 * is deployed again, and the job comes back. Revoked by a person it goes at once.
 */
async function isWaitedFor(ctx: Ctx, tx: TenantTx, organizationId: string, keyId: string): Promise<boolean> {
  const [key] = await tx.query<{ project_id: string }>(
    `select project_id from appwrite_keys where organization_id = $1 and id = $2 and state = 'live' and replaced_by is not null
        and retire_at <= clock_timestamp() and retire_at > clock_timestamp() - $3 * interval '1 minute'`,
    [organizationId, keyId, graceMinutes],
  );
  if (key === undefined) return false;
  const running = await environmentRunningWith(tx, organizationId, keyId);
  if (running === null) return false;
  // What fails again and again would fail every time; somebody has to look at it.
  if (running.tries < mostTries) await redeployLive(ctx, tx, { organizationId, projectId: key.project_id, environment: running.environment });
  await enqueue(tx, 'retire-key', { key_id: keyId }, { jobKey: `key:${keyId}`, afterMs: againAfterMs });
  return true;
}
