import type { Tx } from '@/db/platform/client';

/** Deletes what was sent, given up or not sent a month ago; what still waits stays. */
export async function purgeDeliveries(tx: Tx): Promise<void> {
  await tx.query(`delete from webhook_deliveries where created_at < now() - interval '30 days' and state <> 'pending'`);
}
