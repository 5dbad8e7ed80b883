import type { Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { AppError } from '@/lib/kernel/errors';
import type { UserActor } from '@/lib/kernel/actor';
import { UserView } from './schemas';

export interface UserRow {
  id: string;
  public_id: string;
  email: string;
  first_name: string;
  last_name: string;
  avatar_url: string | null;
  email_verified_at: Date | null;
  disabled_at: Date | null;
  created_at: Date;
}

export const userColumns = 'u.id, u.public_id, u.email, u.first_name, u.last_name, u.avatar_url, u.email_verified_at, u.disabled_at, u.created_at';

export function toUserView(row: UserRow): UserView {
  return UserView.parse({
    id: row.public_id,
    email: row.email,
    first_name: row.first_name,
    last_name: row.last_name,
    avatar_url: row.avatar_url,
    email_verified: row.email_verified_at !== null,
    created_at: row.created_at.toISOString(),
  });
}

export function displayName(row: Pick<UserRow, 'first_name' | 'last_name'>): string {
  return `${row.first_name} ${row.last_name}`;
}

export function signedInUser(ctx: Ctx): UserActor {
  if (ctx.actor.kind !== 'user') throw new AppError('unauthenticated', 'Sign in to do this.');
  return ctx.actor;
}

/** The same for what concerns the whole account: a token that is bound to one organization does not reach it. */
export function accountHolder(ctx: Ctx): UserActor {
  const actor = signedInUser(ctx);
  if (actor.organizationId === undefined) return actor;
  throw new AppError('forbidden', 'This access token is bound to one organization. Sign in without organization_id to change the account.');
}

/** The account for an address with its hash; null when there is none. Takes the sign-in role. */
export async function findAccount(tx: Tx, email: string): Promise<(UserRow & { password_hash: string | null }) | null> {
  const [row] = await tx.query<UserRow & { password_hash: string | null }>(
    `select ${userColumns}, c.password_hash from users u left join user_credentials c on c.user_id = u.id where lower(u.email) = $1`,
    [email],
  );
  return row ?? null;
}

/** Sets the password hash of an account. Takes the sign-in role. */
export async function storePassword(tx: Tx, userId: string, passwordHash: string): Promise<void> {
  await tx.query(
    `insert into user_credentials (user_id, password_hash) values ($1, $2)
     on conflict (user_id) do update set password_hash = excluded.password_hash, updated_at = now()`,
    [userId, passwordHash],
  );
}
