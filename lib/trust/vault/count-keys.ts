import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { platformSealed } from './sealed-columns';

/** How many values are sealed under one key-encryption key in one place. */
export interface KeyUse {
  held_in: (typeof platformSealed)[number]['table'] | 'mail';
  key_id: string;
  rows: number;
}

export interface KeyCount {
  uses: KeyUse[];
  /** Data keys that nothing new is sealed with, and that wait to be destroyed. */
  retired_data_keys: number;
}

/**
 * Says what each key-encryption key still holds: a key that holds nothing may leave the configuration once every
 * process runs with another one in front.
 */
export function countKeys(ctx: Pick<Ctx, 'database' | 'log' | 'requestId'>): Promise<KeyCount> {
  return asSystem(ctx, 'count-keys', async (tx) => {
    const uses = await tx.query<KeyUse>(usesSql);
    const [retired] = await tx.query<{ count: number }>('select count(*)::int as count from organization_keys where retired_at is not null');
    return { uses, retired_data_keys: retired?.count ?? 0 };
  });
}

/** The second part of a sealed value names its key. */
const usesSql = [
  ...platformSealed.map(({ table, column, counts }) => `select '${table}' as held_in, split_part(${column}, '.', 2) as key_id, count(*)::int as rows from ${table} where ${counts} group by 2`),
  `select 'mail', key_id, letters::int from studio.waiting_mail_keys()`,
].join(' union all ') + ' order by 1, 2';
