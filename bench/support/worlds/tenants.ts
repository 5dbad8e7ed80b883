import type pg from 'pg';
import { insertPeople, publicId } from './organizations';

export const projectsOfEach = 1_000;

/** So many organizations with a thousand projects each. */
export async function fillTenants(client: pg.Client, tenants: number): Promise<void> {
  await insertPeople(client, 'tenant', 1);
  await client.query(
    `insert into organizations (public_id, name, slug, created_by) select ${publicId('org')}, 'Tenant ' || n, 'bench-tenant-' || n, u.id from generate_series(1, $1::int) n, users u`,
    [tenants],
  );
  // In the order of time, not of tenants: the rows of each lie all over the table.
  await client.query(
    `insert into projects (organization_id, id, public_id, name, framework, status, ready_at)
     select o.id, uuidv7(), ${publicId('prj')}, 'Project ' || n, 'nextjs', 'ready', now() from generate_series(1, ${projectsOfEach}) n, organizations o`,
  );
}
