import { z } from 'zod';
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
});

/** About 4,000 tables serve well; a project has 62 of its own, with shared tables none. */
const standardCapacity = { namespace: 64, shared: 10_000 };

/**
 * Makes the configured Appwrite server known, or brings its public address up to date, and answers its row id.
 * Signs in at once: whoever reaches a fresh Appwrite first owns it.
 */
export async function registerInstance(ports: Ports, raw: unknown): Promise<string> {
  const { endpoint, public_endpoint, isolation, capacity } = parseInput(RegisterInstance, raw);
  const address = withVersion(endpoint);
  const [row] = await asSystem({ ...ports, requestId: newUuid() }, 'placement', (tx) =>
    tx.query<{ id: string }>(
      `insert into appwrite_instances (public_id, endpoint, public_endpoint, isolation, capacity) values ($1, $2, $3, $4, $5)
       on conflict (endpoint) do update set public_endpoint = excluded.public_endpoint returning id`,
      [newPublicId('appwriteInstance'), address, withVersion(public_endpoint ?? endpoint), isolation, capacity ?? standardCapacity[isolation]],
    ),
  );
  if (row === undefined) throw new Error('the Appwrite instance was not stored');
  await greet(ports, row.id, address);
  return row.id;
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
