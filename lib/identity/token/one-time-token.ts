import type { Tx } from '@/db/platform/client';
import { AppError } from '@/lib/kernel/errors';
import { hashToken, newToken } from '@/lib/kernel/ids';

export type TokenPurpose = 'verify_email' | 'reset_password';

const lifetime: Record<TokenPurpose, string> = { verify_email: '24 hours', reset_password: '1 hour' };

/** Makes a token and kills the older ones of the same purpose: only the newest link in somebody's mail works. */
export async function issueToken(tx: Tx, userId: string, purpose: TokenPurpose): Promise<string> {
  await voidTokens(tx, userId, purpose);
  const token = newToken();
  await tx.query(
    `insert into one_time_tokens (user_id, purpose, token_hash, expires_at) values ($1, $2, $3, now() + $4::interval)`,
    [userId, purpose, hashToken(token), lifetime[purpose]],
  );
  return token;
}

export async function voidTokens(tx: Tx, userId: string, purpose: TokenPurpose): Promise<void> {
  await tx.query('update one_time_tokens set consumed_at = now() where user_id = $1 and purpose = $2 and consumed_at is null', [userId, purpose]);
}

/** Uses a token up and answers whose it was. One statement: of many parallel calls exactly one succeeds. */
export async function consumeToken(tx: Tx, token: string, purpose: TokenPurpose): Promise<string> {
  const [row] = await tx.query<{ user_id: string }>(
    `update one_time_tokens set consumed_at = now()
      where token_hash = $1 and purpose = $2 and consumed_at is null and expires_at > now() returning user_id`,
    [hashToken(token), purpose],
  );
  if (row === undefined) throw new AppError('gone', 'This link was used already or is too old. Ask for a new one.');
  return row.user_id;
}
