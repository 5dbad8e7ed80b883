import type { Tx } from '@/db/platform/client';
import { maxAgeMs } from '@/lib/adapters/cache/port';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { displayName } from '@/lib/identity/user/account';
import type { UserActor } from '@/lib/kernel/actor';
import { hashToken } from '@/lib/kernel/ids';
import { idleTime, sessionCacheKey, sessionIdCacheKey, touchAfterMs } from './internal';

type Ports = Pick<Ctx, 'cache' | 'database' | 'log' | 'requestId' | 'clock'>;

interface SessionRow {
  id: string;
  public_id: string;
  user_id: string;
  first_name: string;
  last_name: string;
  last_seen_at: Date;
}

const live = `s.revoked_at is null and s.expires_at > now() and s.idle_expires_at > now() and u.disabled_at is null`;
const columns = 's.id, s.public_id, s.user_id, s.last_seen_at, u.first_name, u.last_name';

/** Who the cookie's token belongs to, or null. The cache saves the look-up for seconds, Postgres decides. */
export async function authenticateSession(ports: Ports, token: string): Promise<UserActor | null> {
  const key = sessionCacheKey(token);
  const [cached] = await ports.cache.getMany([key]);
  if (cached != null && ports.cache.sure()) return readActor(cached);
  return remember(ports, key, (tx) =>
    tx.query<SessionRow>(`select ${columns} from user_sessions s join users u on u.id = s.user_id where s.token_hash = $1 and ${live}`, [hashToken(token)]),
  );
}

/** The same for the session that an access token names (`ses_…`). */
export async function authenticateSessionId(ports: Ports, publicId: string): Promise<UserActor | null> {
  const key = sessionIdCacheKey(publicId);
  const [cached] = await ports.cache.getMany([key]);
  if (cached != null && ports.cache.sure()) return readActor(cached);
  return remember(ports, key, (tx) =>
    tx.query<SessionRow>(`select ${columns} from user_sessions s join users u on u.id = s.user_id where s.public_id = $1 and ${live}`, [publicId]),
  );
}

/** What the cache holds for a live session. */
export function readActor(cached: string): UserActor {
  const actor: UserActor = JSON.parse(cached);
  return actor;
}

async function remember(ports: Ports, key: string, find: (tx: Tx) => Promise<SessionRow[]>): Promise<UserActor | null> {
  const row = await asSystem(ports, 'session-check', async (tx) => {
    const [found] = await find(tx);
    if (found !== undefined && ports.clock.now().getTime() - found.last_seen_at.getTime() > touchAfterMs) {
      await tx.query('update user_sessions set last_seen_at = now(), idle_expires_at = least(now() + $2::interval, expires_at) where id = $1', [found.id, idleTime]);
    }
    return found;
  });
  if (row === undefined) return null;
  const actor: UserActor = { kind: 'user', userId: row.user_id, sessionId: row.id, name: displayName(row) };
  await ports.cache.set(key, JSON.stringify(actor), maxAgeMs);
  return actor;
}
