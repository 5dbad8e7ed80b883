import pg from 'pg';
import { AppError, isAppError } from '@/lib/kernel/errors';

/** What a person is told when a unique constraint refuses a row, by constraint. */
const uniqueMessages: Record<string, string> = {
  organizations_slug_unique: 'This address is taken. Choose another one.',
  organizations_subdomain_unique: 'This subdomain is taken. Choose another one.',
  memberships_user_key: 'This person is a member already.',
  invitations_open_key: 'There is an open invitation for this address. Resend or revoke it.',
  sagas_open_service_key: 'A change to this app is under way already. Wait until it is done, or cancel it.',
  sagas_open_key: 'Another change to this project is under way. Wait until it is done.',
};

/** Maps what Postgres refuses to the product's own errors; anything unexpected stays internal. */
export function translateDatabaseError(error: unknown): unknown {
  if (isAppError(error)) return error;
  const cause = databaseErrorOf(error);
  if (cause === undefined) return isConnectionLost(error) || isTimedOut(error) ? unavailable(error) : error;
  switch (cause.code) {
    case '23505':
      return new AppError('conflict', uniqueMessages[cause.constraint ?? ''] ?? 'This already exists.', { cause: error });
    case '23503':
      return new AppError('conflict', 'Something else still refers to this, so it cannot be changed.', { cause: error });
    case '40001':
    case '40P01':
      return new AppError('conflict', 'Somebody else changed this at the same moment. Try again.', { cause: error });
    case '22P05':
    case '22021':
      return new AppError('invalid_input', 'The text holds characters that cannot be stored. Remove control characters.', { cause: error });
    // A pooler says so when its own connection is gone.
    case '08P01':
    case '08006':
    case '57014':
    case '55P03':
    case '25P03':
    case '57P01':
    case '57P02':
    case '57P03':
    case '53300':
    // The disk is full, the memory is used up, or a file cannot be written: the transaction is undone.
    case '53100':
    case '53200':
    case '58030':
      return unavailable(error);
    default:
      return error;
  }
}

/** The constraint that refused a row, when that is what happened. */
export function violatedConstraint(error: unknown): string | undefined {
  const cause = isAppError(error) ? databaseErrorOf(error.cause) : databaseErrorOf(error);
  return cause?.constraint;
}

function unavailable(cause: unknown): AppError {
  return new AppError('unavailable', 'The database is busy or restarting. Nothing was changed; try again.', {
    cause,
    retryAfterSeconds: 2,
  });
}

/** Drizzle wraps what the driver throws; the driver's error is the cause. */
function databaseErrorOf(error: unknown): pg.DatabaseError | undefined {
  if (error instanceof pg.DatabaseError) return error;
  if (error instanceof Error && error.cause instanceof pg.DatabaseError) return error.cause;
  return undefined;
}

/** True when the role may not do that to the relation at all. */
export function isPrivilegeMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42501';
}

/** True when no answer came in time; what was asked for may still happen. */
export function isTimedOut(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Query read timeout');
}

/** True when the driver knew already that the connection is gone, and sent nothing. */
export function isNeverSent(error: unknown): boolean {
  return error instanceof Error && error.message.endsWith('is not queryable');
}

/** Refused only because a statement before it in the same transaction was. */
export function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25P02';
}

/** True when the server or a pooler ended the connection; false when it merely takes too long. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|08P01|08006|57P01|57P02|57P05)$/.test(code) || error.message.startsWith('Connection terminated') || isNeverSent(error);
}
