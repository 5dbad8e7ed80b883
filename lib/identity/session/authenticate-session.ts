import type { Tx } from '@/db/platform/client';
import { ageBeforeEnd } from '@/lib/adapters/cache/port';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { displayName } from '@/lib/identity/user/account';
import type { UserActor } from '@/lib/kernel/actor';
import { hashToken } from '@/lib/kernel/ids';
import { idleTime, sessionCacheKey, sessionIdCacheKey, tokenOverlap, tokenTime, touchAfterMs } from './internal';

type Ports = Pick<Ctx, 'cache' | 'database' | 'log' | 'requestId' | 'clock'>;

export interface StandingSession {
  actor: UserActor;
  /** The token has served its time: whoever can hand out a new one does (`renewToken`). */
  due: boolean;
}

interface SessionRow {
  id: string;
  public_id: string;
  user_id: string;
  first_name: string;
  last_name: string;
  last_seen_at: Date;
  /** Until it ends unless it is used, by the database's clock. */
  left_ms: number;
}

interface TokenRow extends SessionRow {
  due: boolean;
  superseded: boolean;
}

const live = `s.revoked_at is null and s.expires_at > now() and s.idle_expires_at > now() and u.disabled_at is null`;
const columns = `s.id, s.public_id, s.user_id, s.last_seen_at, u.first_name, u.last_name,
  (extract(epoch from least(s.expires_at, s.idle_expires_at) - now()) * 1000)::float8 as left_ms`;

/** The session that the cookie's token opens, or null. The cache saves the look-up for seconds, Postgres decides. */
export async function findSession(ports: Ports, token: string): Promise<StandingSession | null> {
  const key = sessionCacheKey(token);
  const cached = await cachedActor(ports, key);
  if (cached !== null) return { actor: cached, due: false };
  const row = await lookUp(ports, (tx) =>
    tx.query<TokenRow>(
      `select ${columns}, s.token_hash <> $1 as superseded, s.rotated_at < now() - $2::interval as due
         from user_sessions s join users u on u.id = s.user_id
        where (s.token_hash = $1 or (s.previous_token_hash = $1 and s.rotated_at > now() - $3::interval)) and ${live}`,
      [hashToken(token), tokenTime, tokenOverlap],
    ),
  );
  if (row === undefined) return null;
  // A token that is to be replaced, or was, is looked up each time: the first must be seen as due, the second dies on time.
  const lasting = !row.due && !row.superseded;
  return { actor: lasting ? await remember(ports, key, row) : actorOf(row), due: row.due };
}

/** Who the cookie's token belongs to, or null. */
export async function authenticateSession(ports: Ports, token: string): Promise<UserActor | null> {
  return (await findSession(ports, token))?.actor ?? null;
}

/** The same for the session that an access token names (`ses_…`). */
export async function authenticateSessionId(ports: Ports, publicId: string): Promise<UserActor | null> {
  const key = sessionIdCacheKey(publicId);
  const cached = await cachedActor(ports, key);
  if (cached !== null) return cached;
  const row = await lookUp(ports, (tx) =>
    tx.query<SessionRow>(`select ${columns} from user_sessions s join users u on u.id = s.user_id where s.public_id = $1 and ${live}`, [publicId]),
  );
  return row === undefined ? null : remember(ports, key, row);
}

/** What the cache holds for a live session. */
export function readActor(cached: string): UserActor {
  const actor: UserActor = JSON.parse(cached);
  return actor;
}

async function cachedActor(ports: Ports, key: string): Promise<UserActor | null> {
  const [cached] = await ports.cache.getMany([key]);
  return cached != null && ports.cache.sure() ? readActor(cached) : null;
}

async function lookUp<Row extends SessionRow>(ports: Ports, find: (tx: Tx) => Promise<Row[]>): Promise<Row | undefined> {
  const askedMs = ports.clock.monotonicMs();
  const row = await asSystem(ports, 'session-check', async (tx) => {
    const [found] = await find(tx);
    if (found !== undefined && ports.clock.now().getTime() - found.last_seen_at.getTime() > touchAfterMs) {
      await tx.query('update user_sessions set last_seen_at = now(), idle_expires_at = least(now() + $2::interval, expires_at) where id = $1', [found.id, idleTime]);
    }
    return found;
  });
  return row === undefined ? undefined : { ...row, left_ms: row.left_ms - (ports.clock.monotonicMs() - askedMs) };
}

async function remember(ports: Ports, key: string, row: SessionRow): Promise<UserActor> {
  const actor = actorOf(row);
  const ageMs = ageBeforeEnd(row.left_ms);
  if (ageMs > 0) await ports.cache.set(key, JSON.stringify(actor), ageMs);
  return actor;
}

function actorOf(row: SessionRow): UserActor {
  return { kind: 'user', userId: row.user_id, sessionId: row.id, name: displayName(row) };
}
