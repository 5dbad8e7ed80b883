import { firstUuidAt } from '@/lib/kernel/ids';
import { withOwner } from './kept-database';

/** Children first. Their ids begin with the time, so those of a run are the last ones. */
const tables = ['saga_events', 'saga_steps', 'sagas', 'appwrite_projects', 'platform_databases', 'projects', 'audit_logs'];

/**
 * Remembers the moment, and takes away afterwards what organizations got since: the next round finds as many rows as
 * this one did.
 * @param organizations public ids
 * @returns what takes them away, and answers how many projects were among them
 */
export function openUndo(ownerUrl: string, organizations: readonly string[]): () => Promise<number> {
  const since = firstUuidAt(Date.now());
  return () =>
    withOwner(ownerUrl, async (client) => {
      await client.query('set session_replication_role = replica');
      const { rows } = await client.query<{ id: string }>('select id from organizations where public_id = any($1)', [organizations]);
      const ids = rows.map(({ id }) => id);
      let projects = 0;
      for (const table of tables) {
        const { rowCount } = await client.query(`delete from ${table} where organization_id = any($1) and id >= $2`, [ids, since]);
        if (table === 'projects') projects = rowCount ?? 0;
      }
      await client.query(`delete from graphile_worker._private_jobs where payload->>'organization_id' = any($1::text[])`, [ids]);
      return projects;
    });
}
