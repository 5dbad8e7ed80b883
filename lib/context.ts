import type { Database } from '@/db/platform/client';
import type { AppwriteInstances } from '@/lib/adapters/appwrite/port';
import type { RailwayAccess } from '@/lib/adapters/railway/access';
import type { Cache } from '@/lib/adapters/cache/port';
import type { Actor } from '@/lib/kernel/actor';
import type { Limits } from '@/lib/adapters/limits/limits';
import type { PasswordHasher } from '@/lib/identity/user/password';
import type { Clock } from '@/lib/kernel/clock';
import type { Log } from '@/lib/kernel/log';
import type { Vault } from '@/lib/trust/vault/vault';

/** What every verb gets: who acts, from where, and the ports of the process. Nothing is ambient. */
export interface Ctx {
  readonly actor: Actor;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: Database;
  readonly cache: Cache;
  readonly vault: Vault;
  readonly passwords: PasswordHasher;
  readonly appwrite: AppwriteInstances;
  readonly railway: RailwayAccess;
  readonly limits: Limits;
  /** Where people reach Studio, for links in mail: `https://studio.example.com`. */
  readonly baseUrl: string;
  /** Whether webhooks may call programs on this machine, by plain HTTP too: in local mode, to try them out. */
  readonly loopbackWebhooks: boolean;
}

/** The ports of a process, from which each request and each job makes its own context. */
export type Ports = Omit<Ctx, 'actor' | 'requestId' | 'ip' | 'userAgent'>;
