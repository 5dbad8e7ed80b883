import type { TenantTx } from '@/db/platform/client';
import { notify } from '@/db/platform/notify';

/** What a member may do has changed, and with it what the API keys may that the member made: whatever they hold open looks again. */
export async function notifyMember(tx: TenantTx, organizationId: string, userId: string): Promise<void> {
  const keys = await tx.query<{ id: string }>('select id from api_keys where organization_id = $1 and created_by = $2 and revoked_at is null', [organizationId, userId]);
  for (const id of [userId, ...keys.map((key) => key.id)]) await notify(tx, { kind: 'access', actor_id: id });
}
