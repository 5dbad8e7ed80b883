import { z } from 'zod';
import type { Tx } from '@/db/platform/client';
import { appwriteFailureOf } from '@/lib/adapters/appwrite/port';
import type { Ports } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';

const RegisterInstance = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/, error: 'The Appwrite endpoint must be a URL that starts with http:// or https://.' }),
  public_endpoint: z.url({ protocol: /^https?$/, error: 'The public Appwrite endpoint must be a URL that starts with http:// or https://.' }).optional(),
  isolation: z.enum(['namespace', 'shared']).default('namespace'),
  capacity: z.number().int().min(1).max(1_000_000).optional(),
  /** The stand-in of this installation: one server, whatever port it listens on. */
  stand_in: z.boolean().default(false),
});

/** About 4,000 tables serve well; a project has 62 of its own, with shared tables none. */
const standardCapacity = { namespace: 64, shared: 10_000 };

/**
 * Makes the configured Appwrite server known, or brings what is known of it up to date, and answers its row id. A
 * capacity that is not given stays as it is, unless the isolation changes. Signs in at once: whoever reaches a fresh
 * Appwrite first owns it.
 */
export async function registerInstance(ports: Ports, raw: unknown): Promise<string> {
  const { endpoint, public_endpoint, isolation, capacity, stand_in } = parseInput(RegisterInstance, raw);
  const address = withVersion(endpoint);
  const [row] = await asSystem({ ...ports, requestId: newUuid() }, 'placement', async (tx) => {
    if (stand_in) await followStandIn(tx, address);
    return tx.query<{ id: string }>(
      `insert into appwrite_instances as i (public_id, endpoint, public_endpoint, isolation, capacity) values ($1, $2, $3, $4, coalesce($5::int, $6::int))
       on conflict (endpoint) do update set public_endpoint = excluded.public_endpoint, isolation = excluded.isolation,
         capacity = case when $5::int is null and i.isolation = excluded.isolation then i.capacity else excluded.capacity end
       returning id`,
      [newPublicId('appwriteInstance'), address, withVersion(public_endpoint ?? endpoint), isolation, capacity ?? null, standardCapacity[isolation]],
    );
  });
  if (row === undefined) throw new Error('the Appwrite instance was not stored');
  await greet(ports, row.id, address);
  return row.id;
}

/**
 * A stand-in that listens on another port than last time is the same server with the same projects, so its row moves
 * along. Where there is a row for the new address already, nothing more is placed on the old one.
 */
async function followStandIn(tx: Tx, address: string): Promise<void> {
  const rows = await tx.query<{ id: string; endpoint: string }>(
    `select id, endpoint from appwrite_instances where endpoint ~ '^http://127\\.0\\.0\\.1:[0-9]+/v1$' order by draining_since is not null, placed desc, id for no key update`,
  );
  const current = rows.find(({ endpoint }) => endpoint === address) ?? rows[0];
  if (current === undefined) return;
  await tx.query('update appwrite_instances set endpoint = $2, draining_since = null where id = $1', [current.id, address]);
  await tx.query('update appwrite_instances set draining_since = now() where id = any($1) and id <> $2 and draining_since is null', [rows.map(({ id }) => id), current.id]);
}

/** A server that does not answer yet is no reason not to start; provisioning waits for it. */
async function greet(ports: Ports, id: string, endpoint: string): Promise<void> {
  const admin = (await ports.appwrite.byId(id)).admin();
  try {
    const version = await admin.version();
    await admin.listProjects({ limit: 1 });
    ports.log.info({ endpoint, version }, 'Appwrite answers');
  } catch (error) {
    const failure = appwriteFailureOf(error);
    if (failure === undefined) throw error;
    ports.log.warn({ endpoint, failure }, 'Appwrite does not serve Studio yet');
  }
}

function withVersion(endpoint: string): string {
  const trimmed = endpoint.replace(/\/+$/, '');
  return trimmed.endsWith('/v1') ? trimmed : `${trimmed}/v1`;
}
