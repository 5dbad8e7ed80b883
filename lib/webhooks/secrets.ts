import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';

const table = 'webhooks';

/** For how long the secret before signs beside the new one. */
export const overlapMs = 24 * 3_600_000;

export function sealSecret(ctx: Ctx, tx: TenantTx, organizationId: string, row: string, secret: string): Promise<string> {
  return ctx.vault.seal(tx, organizationId, { table, row, column: 'sealed_secret' }, secret);
}

interface SealedSecrets {
  id: string;
  sealed_secret: string;
  sealed_previous_secret: string | null;
  previous_until: Date | null;
}

/** What signs at this moment: the current secret, and the one before while it still counts. */
export async function openSecrets(ctx: Ctx, tx: TenantTx, organizationId: string, row: SealedSecrets): Promise<string[]> {
  const current = await ctx.vault.open(tx, organizationId, { table, row: row.id, column: 'sealed_secret' }, row.sealed_secret);
  if (row.sealed_previous_secret === null || row.previous_until === null || row.previous_until <= ctx.clock.now()) return [current];
  return [current, await ctx.vault.open(tx, organizationId, { table, row: row.id, column: 'sealed_previous_secret' }, row.sealed_previous_secret)];
}

/** Makes `secret` the current one and keeps what signed until now for the overlap. */
export async function replaceSecret(ctx: Ctx, tx: TenantTx, organizationId: string, row: string, secret: string): Promise<void> {
  const [held] = await tx.query<{ sealed_secret: string }>('select sealed_secret from webhooks where organization_id = $1 and id = $2 for no key update', [organizationId, row]);
  if (held === undefined) throw new Error('the webhook is gone');
  const former = await ctx.vault.open(tx, organizationId, { table, row, column: 'sealed_secret' }, held.sealed_secret);
  const until = new Date(ctx.clock.now().getTime() + overlapMs);
  await tx.query(
    `update webhooks set sealed_secret = $3, sealed_previous_secret = $4, previous_until = $5, updated_at = $6 where organization_id = $1 and id = $2`,
    [
      organizationId,
      row,
      await sealSecret(ctx, tx, organizationId, row, secret),
      // Sealed anew, because a value opens only in the column that it was sealed for.
      await ctx.vault.seal(tx, organizationId, { table, row, column: 'sealed_previous_secret' }, former),
      until,
      ctx.clock.now(),
    ],
  );
}
