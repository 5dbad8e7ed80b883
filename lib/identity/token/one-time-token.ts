import type { Tx } from '@/db/platform/client';
import { AppError } from '@/lib/kernel/errors';
import { hashToken, newToken } from '@/lib/kernel/ids';

export type TokenPurpose = 'verify_email' | 'reset_password';

const lifetime: Record<TokenPurpose, string> = { verify_email: '24 hours', reset_password: '1 hour' };

/** What somebody asked for when registering. It takes effect only by the link that was sent for it. */
export interface Registration {
  first_name: string;
  last_name: string;
  password_hash: string;
}

interface RegistrationToken {
  registration: Registration;
  /** Of the browser that registered; null when the letter was asked for again. */
  browserHash: Buffer | null;
}

/** A link to set a new password. Older ones die: only the newest in somebody's mail works. */
export async function issueResetToken(tx: Tx, userId: string): Promise<string> {
  await voidTokens(tx, userId, 'reset_password');
  return insertToken(tx, userId, 'reset_password', null);
}

/** A link to confirm one registration. Others of the same address stay: each confirms only what it was sent for. */
export async function issueRegistrationToken(tx: Tx, userId: string, wanted: RegistrationToken): Promise<string> {
  return insertToken(tx, userId, 'verify_email', wanted);
}

async function insertToken(tx: Tx, userId: string, purpose: TokenPurpose, wanted: RegistrationToken | null): Promise<string> {
  const token = newToken();
  await tx.query(
    `insert into one_time_tokens (user_id, purpose, token_hash, expires_at, registration, browser_hash) values ($1, $2, $3, now() + $4::interval, $5, $6)`,
    [userId, purpose, hashToken(token), lifetime[purpose], wanted === null ? null : JSON.stringify(wanted.registration), wanted?.browserHash ?? null],
  );
  return token;
}

export async function voidTokens(tx: Tx, userId: string, purpose: TokenPurpose): Promise<void> {
  await tx.query('update one_time_tokens set consumed_at = now() where user_id = $1 and purpose = $2 and consumed_at is null', [userId, purpose]);
}

/** The registration that a link would confirm. Does not use it up. */
export async function readRegistration(tx: Tx, token: string): Promise<RegistrationToken> {
  const [row] = await tx.query<{ registration: Registration; browser_hash: Buffer | null }>(
    `select registration, browser_hash from one_time_tokens
      where token_hash = $1 and purpose = 'verify_email' and consumed_at is null and expires_at > now()`,
    [hashToken(token)],
  );
  if (row === undefined) throw gone();
  return { registration: row.registration, browserHash: row.browser_hash };
}

/** The newest registration of an account that nobody has confirmed yet. */
export async function newestRegistration(tx: Tx, userId: string): Promise<Registration | null> {
  const [row] = await tx.query<{ registration: Registration }>(
    `select registration from one_time_tokens where user_id = $1 and purpose = 'verify_email' and consumed_at is null order by id desc limit 1`,
    [userId],
  );
  return row?.registration ?? null;
}

/** Uses a token up and answers whose it was. One statement: of many parallel calls exactly one succeeds. */
export async function consumeToken(tx: Tx, token: string, purpose: TokenPurpose): Promise<string> {
  const [row] = await tx.query<{ user_id: string }>(
    `update one_time_tokens set consumed_at = now()
      where token_hash = $1 and purpose = $2 and consumed_at is null and expires_at > now() returning user_id`,
    [hashToken(token), purpose],
  );
  if (row === undefined) throw gone();
  return row.user_id;
}

function gone(): AppError {
  return new AppError('gone', 'This link was used already or is too old. Ask for a new one.');
}
