import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { closeDatabase, openDatabase, type Database } from '@/db/platform/client';
import { createMemoryCache } from '@/lib/adapters/cache/memory';
import type { AppwriteInstances } from '@/lib/adapters/appwrite/port';
import { createRailwayAccess, type RailwayAccess } from '@/lib/adapters/railway/access';
import type { Cache } from '@/lib/adapters/cache/port';
import type { Ctx } from '@/lib/context';
import type { Role } from '@/lib/identity/access/policy';
import { createLimits } from '@/lib/adapters/limits/limits';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { createPasswordHasher } from '@/lib/identity/user/password';
import type { Actor } from '@/lib/kernel/actor';
import { systemClock, type Clock } from '@/lib/kernel/clock';
import { hashToken, newPublicId, newToken, newUuid } from '@/lib/kernel/ids';
import type { Log } from '@/lib/kernel/log';
import { createVault } from '@/lib/trust/vault/vault';
import { migratedDatabase, type TestDatabase } from './postgres';

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** A signed-in person with a confirmed address. */
export interface Person {
  /** The row uuid. */
  id: string;
  publicId: string;
  email: string;
  name: string;
  sessionId: string;
  sessionToken: string;
  ctx: Ctx;
}

export interface TestStudio {
  urls: TestDatabase;
  database: Database;
  cache: Cache;
  /** Everything that was logged, oldest first. */
  lines: LogLine[];
  /** A context for any actor; `changes` replaces ports. */
  ctx(actor: Actor, changes?: Partial<Ctx>): Ctx;
  person(options?: { email?: string; verified?: boolean; firstName?: string; lastName?: string }): Promise<Person>;
  /** An organization that `owner` made through the verb. */
  organization(owner: Person, name?: string): Promise<OrganizationView & { rowId: string }>;
  /** Puts somebody into an organization without the ceremony of an invitation. */
  join(organization: { rowId: string }, person: Person, role: Role): Promise<{ publicId: string }>;
  /** Rows as the superuser sees them, past every policy: for preparing and checking. */
  raw<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

interface Options {
  clock?: Clock;
  /** Connections of the pool. */
  max?: number;
  /** For tests that reach an Appwrite; without it a call fails and says so. */
  appwrite?: AppwriteInstances;
  /** How many times the usual number of attempts is allowed; many, because tests come from one address. */
  attemptLimitFactor?: number;
  /** Shared with processes that open what this studio sealed. */
  vaultKey?: Buffer;
  /** For tests that deploy; without it every call fails. */
  railway?: RailwayAccess;
  /** As in local mode: webhooks may call servers of the test. */
  loopbackWebhooks?: boolean;
}

/** Nothing listens there. */
const noRailway = createRailwayAccess({ STUDIO_MODE: 'production', RAILWAY_API_URL: 'http://127.0.0.1:9/graphql/v2' });

/** A studio on a migrated database of its own: real Postgres, real vault, memory cache, silent log. */
export async function testStudio({ clock = systemClock, max = 10, appwrite = noAppwrite, attemptLimitFactor = 10_000, vaultKey = randomBytes(32), railway = noRailway, loopbackWebhooks = false }: Options = {}): Promise<TestStudio> {
  const urls = await migratedDatabase();
  const lines: LogLine[] = [];
  const log = collectingLog(lines);
  const database = openDatabase(urls.appUrl, { max, log, applicationName: 'studio-test' });
  const owner = new pg.Pool({ connectionString: urls.ownerUrl, max: 4 });
  // Dropping the database ends connections that are closing already; that is no failure of a test.
  owner.on('error', () => undefined);
  owner.on('connect', (client) => client.on('error', () => undefined));
  const cache = createMemoryCache();
  const vault = createVault([{ id: 'test', key: vaultKey }]);
  const passwords = createPasswordHasher();
  const limits = createLimits(null, { RATE_LIMIT_PER_MINUTE: 1_000_000, ATTEMPT_LIMIT_FACTOR: attemptLimitFactor });

  function ctx(actor: Actor, changes: Partial<Ctx> = {}): Ctx {
    return {
      actor,
      requestId: newUuid(),
      ip: '192.0.2.7',
      userAgent: 'test',
      clock,
      log,
      database,
      cache,
      vault,
      passwords,
      appwrite,
      limits,
      railway,
      baseUrl: 'http://studio.test',
      loopbackWebhooks,
      ...changes,
    };
  }

  async function raw<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const { rows } = await owner.query<Row>(text, values);
    return rows;
  }

  return {
    urls,
    database,
    cache,
    lines,
    ctx,
    raw,
    async person({ email = `${randomBytes(6).toString('hex')}@example.com`, verified = true, firstName = 'Test', lastName = 'Person' } = {}) {
      const person = { id: newUuid(), publicId: newPublicId('user'), email, name: `${firstName} ${lastName}` };
      await raw(
        `insert into users (id, public_id, email, first_name, last_name, email_verified_at) values ($1, $2, $3, $4, $5, $6)`,
        [person.id, person.publicId, email, firstName, lastName, verified ? clock.now() : null],
      );
      const sessionId = newUuid();
      const sessionToken = newToken();
      await raw(
        `insert into user_sessions (id, public_id, user_id, token_hash, idle_expires_at, expires_at)
         values ($1, $2, $3, $4, now() + interval '7 days', now() + interval '30 days')`,
        [sessionId, newPublicId('session'), person.id, hashToken(sessionToken)],
      );
      return { ...person, sessionId, sessionToken, ctx: ctx({ kind: 'user', userId: person.id, sessionId, name: person.name }) };
    },
    async organization(person, name = 'Acme') {
      const view = await createOrganization(person.ctx, { name });
      const [row] = await raw<{ id: string }>('select id from organizations where public_id = $1', [view.id]);
      if (row === undefined) throw new Error('the organization was not stored');
      return { ...view, rowId: row.id };
    },
    async join(organization, person, role) {
      const publicId = newPublicId('membership');
      await raw(`insert into memberships (organization_id, public_id, user_id, role) values ($1, $2, $3, $4)`, [organization.rowId, publicId, person.id, role]);
      return { publicId };
    },
    async close() {
      await closeDatabase(database);
      await owner.end();
      await cache.close();
      await urls.drop();
    },
  };
}

const noAppwrite: AppwriteInstances = {
  byId: () => Promise.reject(new Error('this test was given no Appwrite')),
};

function collectingLog(lines: LogLine[]): Log {
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...fields } });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
