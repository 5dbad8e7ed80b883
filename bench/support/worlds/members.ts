import type pg from 'pg';
import { insertPeople, publicId } from './organizations';

/** Small organizations, five members each, that surround the measured ones. */
const others = 1_000;

/** An organization of each size, named `bench-members-<size>`, whose people are `m<size>-<n>@bench.test`; the first of them owns it. */
export async function fillMembers(client: pg.Client, sizes: readonly number[]): Promise<void> {
  for (const size of sizes) await insertOrganization(client, `members-${size}`, `m${size}`, size);
  await insertPeople(client, 'other', 5 * others);
  await client.query(
    `insert into organizations (public_id, name, slug, created_by)
     select ${publicId('org')}, 'Other ' || n, 'other-' || n, u.id from generate_series(0, $1::int - 1) n join users u on u.email = 'other-' || 5 * n || '@bench.test'`,
    [others],
  );
  await client.query(
    `insert into memberships (organization_id, public_id, user_id, role)
     select o.id, ${publicId('mem')}, u.id, case when n % 5 = 0 then 'owner' else 'developer' end
       from generate_series(0, 5 * $1::int - 1) n join users u on u.email = 'other-' || n || '@bench.test' join organizations o on o.slug = 'other-' || n / 5`,
    [others],
  );
  await client.query(`insert into subscriptions (organization_id, plan_key) select id, 'scale' from organizations`);
}

async function insertOrganization(client: pg.Client, name: string, kind: string, members: number): Promise<void> {
  await insertPeople(client, kind, members);
  await client.query(
    `insert into organizations (public_id, name, slug, created_by) select ${publicId('org')}, $1, 'bench-' || $1, id from users where email = $2 || '-0@bench.test'`,
    [name, kind],
  );
  await client.query(
    `insert into memberships (organization_id, public_id, user_id, role)
     select o.id, ${publicId('mem')}, u.id, case when n = 0 then 'owner' else (array['admin', 'developer', 'developer', 'viewer', 'billing'])[1 + n % 5] end
       from generate_series(0, $2::int - 1) n join users u on u.email = $3 || '-' || n || '@bench.test' join organizations o on o.slug = 'bench-' || $1
      order by n`,
    [name, members, kind],
  );
}
