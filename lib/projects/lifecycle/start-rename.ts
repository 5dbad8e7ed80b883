import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { startSaga } from '@/lib/sagas/start';

interface Project {
  organizationId: string;
  projectId: string;
}

/** Asks for the name to follow at Appwrite. One that is on its way is asked to run once more when it is done. */
export async function startRename(ctx: Ctx, tx: TenantTx, { organizationId, projectId }: Project): Promise<void> {
  const waiting = await tx.query(
    `update sagas set input = input || '{"again": true}'
      where organization_id = $1 and project_id = $2 and kind = 'rename' and state = 'running' returning id`,
    [organizationId, projectId],
  );
  if (waiting.length === 0) await startSaga(ctx, tx, { organizationId, projectId, kind: 'rename' });
}

/** A project that is deleted needs no new name at Appwrite, and a rename that waits must not hold the deletion up. */
export async function endRename(tx: TenantTx, { organizationId, projectId }: Project): Promise<void> {
  await tx.query(
    `update sagas set state = 'done', finished_at = now(), lease_token = lease_token + 1, leased_until = null
      where organization_id = $1 and project_id = $2 and kind = 'rename' and state = 'running'`,
    [organizationId, projectId],
  );
}
