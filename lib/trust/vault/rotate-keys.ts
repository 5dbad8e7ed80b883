import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { organizationSealed, type SealedColumn } from './sealed-columns';

/** Rows of one transaction: few enough that nobody waits long for one of them. */
const rowsAtOnce = 200;
const organizationsAtOnce = 500;
/** Longer than any transaction that has read a sealed value and opens it with a second statement. */
const restSecondsUsually = 300;
/** Tells this advisory lock from any others. */
const lockClass = 7_302;

export interface Rotation {
  /** Data keys sealed under the first key-encryption key. */
  data_keys: number;
  /** Values sealed under a new data key. */
  values: number;
  /** Retired data keys destroyed. */
  destroyed: number;
  /** Organizations left for the next run: taken by another worker, or with a value that does not open. */
  left: number;
}

/**
 * Brings every organization under the first key-encryption key: its data keys are sealed anew, a new one takes over,
 * what the earlier ones sealed is sealed with it in batches, and they are destroyed. Each step is a transaction of
 * its own that leaves every value readable, so it may be cut off anywhere, and several workers may do it at once.
 */
export async function rotateKeys(ctx: Ctx, { restSeconds = restSecondsUsually }: { restSeconds?: number } = {}): Promise<Rotation> {
  const total: Rotation = { data_keys: 0, values: 0, destroyed: 0, left: 0 };
  let after: string | null = null;
  for (;;) {
    const found: string[] = await organizationsDue(ctx, after, restSeconds);
    for (const organizationId of found) {
      const step = await rotateOne(ctx, organizationId, restSeconds);
      total.data_keys += step.data_keys;
      total.values += step.values;
      total.destroyed += step.destroyed;
      total.left += step.left;
    }
    if (found.length < organizationsAtOnce) return total;
    after = found.at(-1) ?? null;
  }
}

function organizationsDue(ctx: Ctx, after: string | null, restSeconds: number): Promise<string[]> {
  return asSystem(ctx, 'rotate-keys', async (tx) => {
    const rows = await tx.query<{ organization_id: string }>(
      `select distinct organization_id from organization_keys
        where (split_part(sealed_key, '.', 2) <> $1 or retired_at < clock_timestamp() - $2 * interval '1 second')
          and ($3::uuid is null or organization_id > $3)
        order by organization_id limit $4`,
      [ctx.vault.keyIds[0], restSeconds, after, organizationsAtOnce],
    );
    return rows.map(({ organization_id: id }) => id);
  });
}

/** An organization that fails holds up no other; it stays due. */
async function rotateOne(ctx: Ctx, organizationId: string, restSeconds: number): Promise<Rotation> {
  const sum: Rotation = { data_keys: 0, values: 0, destroyed: 0, left: 0 };
  try {
    for (;;) {
      const step = await within(ctx, { organizationId }, 'vault:rotate', (tx) => takeStep(ctx, tx, organizationId, restSeconds));
      if (step === null) return { ...sum, left: 1 };
      sum.data_keys += step.data_keys;
      sum.values += step.values;
      sum.destroyed += step.destroyed;
      if (step.values === 0 || step.whole) return sum;
    }
  } catch (error) {
    ctx.log.error({ err: error, organization: organizationId }, 'could not rotate the keys of an organization');
    return { ...sum, left: 1 };
  }
}

/** Null when another worker is at it. */
async function takeStep(ctx: Ctx, tx: TenantTx, organizationId: string, restSeconds: number): Promise<(Omit<Rotation, 'left'> & { whole: boolean }) | null> {
  const [turn] = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1::int, hashtext($2)) as mine', [lockClass, organizationId]);
  if (turn?.mine !== true) return null;
  const renewed = await ctx.vault.renewDataKeys(tx, organizationId);
  let values = 0;
  for (const place of organizationSealed) values += await sealAnew(ctx, tx, organizationId, place, rowsAtOnce - values);
  const whole = values < rowsAtOnce;
  return { data_keys: renewed, values, destroyed: whole ? await destroyRetired(tx, organizationId, restSeconds) : 0, whole };
}

interface SealedRow {
  id: string;
  sealed: string;
}

/** Rows that somebody else holds are left for the next run: nobody waits for this. */
async function sealAnew(ctx: Ctx, tx: TenantTx, organizationId: string, { table, column }: SealedColumn, most: number): Promise<number> {
  const rows = await tx.query<SealedRow>(
    `select id, ${column} as sealed from ${table}
      where organization_id = $1 and split_part(${column}, '.', 2)::int in (select version from organization_keys where organization_id = $1 and retired_at is not null)
      order by id limit $2 for no key update of ${table} skip locked`,
    [organizationId, most],
  );
  if (rows.length === 0) return 0;
  const sealed: string[] = [];
  for (const row of rows) {
    const place = { table, row: row.id, column };
    sealed.push(await ctx.vault.seal(tx, organizationId, place, await ctx.vault.open(tx, organizationId, place, row.sealed)));
  }
  await tx.query(
    `update ${table} t set ${column} = n.sealed from unnest($2::uuid[], $3::text[]) as n(id, sealed) where t.organization_id = $1 and t.id = n.id`,
    [organizationId, rows.map(({ id }) => id), sealed],
  );
  // Somebody may have read the former value and be about to open it: the rest begins anew.
  await tx.query('update organization_keys set retired_at = clock_timestamp() where organization_id = $1 and version = any($2::int[])', [
    organizationId,
    [...new Set(rows.map((row) => Number(row.sealed.split('.')[1])))],
  ]);
  return rows.length;
}

/** The keys are locked first and the rows looked at after, so that what was sealed in between is seen. */
async function destroyRetired(tx: TenantTx, organizationId: string, restSeconds: number): Promise<number> {
  const rested = await tx.query<{ version: number }>(
    `select version from organization_keys
      where organization_id = $1 and retired_at < clock_timestamp() - $2 * interval '1 second' for update skip locked`,
    [organizationId, restSeconds],
  );
  if (rested.length === 0) return 0;
  const inUse = organizationSealed.map(({ table, column }) => `select split_part(${column}, '.', 2)::int as version from ${table} where organization_id = $1 and ${column} is not null`);
  const destroyed = await tx.query(
    `delete from organization_keys where organization_id = $1 and version = any($2::int[]) and version not in (${inUse.join(' union all ')}) returning version`,
    [organizationId, rested.map(({ version }) => version)],
  );
  return destroyed.length;
}
