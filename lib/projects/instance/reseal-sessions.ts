import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { sessionPurpose } from './instances';

/** Seals the console sessions under the first key. One that no key opens is dropped: the next call signs in anew. */
export async function resealSessions(ctx: Ctx): Promise<number> {
  return asSystem(ctx, 'placement', async (tx) => {
    const rows = await tx.query<{ id: string; sealed_session: string }>(
      `select id, sealed_session from appwrite_instances where split_part(sealed_session, '.', 2) <> $1 for no key update skip locked`,
      [ctx.vault.keyIds[0]],
    );
    for (const { id, sealed_session: sealed } of rows) {
      await tx.query('update appwrite_instances set sealed_session = $2 where id = $1', [id, resealed(ctx, id, sealed)]);
    }
    return rows.length;
  });
}

function resealed({ vault, log }: Ctx, id: string, sealed: string): string | null {
  try {
    return vault.sealPlatform(sessionPurpose(id), vault.openPlatform(sessionPurpose(id), sealed));
  } catch (error) {
    log.warn({ err: error, instance: id }, 'a stored Appwrite session opens with no key and is dropped');
    return null;
  }
}
