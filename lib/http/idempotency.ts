import { createHash } from 'node:crypto';
import { withUser } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { actorId } from '@/lib/kernel/actor';
import { AppError, isAppError } from '@/lib/kernel/errors';

interface Stored {
  status: number;
  body: string;
  headers: Record<string, string>;
}

interface Row {
  request_hash: string;
  response_status: number | null;
  sealed_response: string | null;
  created_at: Date;
}

/**
 * Runs `work` once for each Idempotency-Key of a caller. The same key with the same request answers again what
 * it answered; with another request 422; while the first is under way, or when it was cut off, 409. Answers are
 * kept for 24 hours, sealed, because they can hold a secret. Failures are not kept: they may be tried again.
 */
export async function once(
  ctx: Ctx,
  { key, method, path, body }: { key: string; method: string; path: string; body: string },
  work: () => Promise<Stored>,
): Promise<Stored & { replayed: boolean }> {
  const owner = actorId(ctx.actor);
  if (owner === null) return { ...(await work()), replayed: false };
  const requestHash = createHash('sha256').update(`${method} ${path}\n${body}`).digest('base64url');
  const earlier = await reserve(ctx, owner, key, requestHash);
  if (earlier !== null) return { ...replay(ctx, owner, key, requestHash, earlier), replayed: true };
  const stored = await work().catch(async (error: unknown) => {
    if (isAppError(error) && error.unsure) throw error;
    // Nothing was done, so the key is free again. After this point it never is: the work is committed.
    await withUser(ctx.database, owner, (tx) => tx.query('delete from idempotency_keys where owner_id = $1 and key = $2 and response_status is null', [owner, key]));
    throw error;
  });
  await withUser(ctx.database, owner, (tx) =>
    tx.query('update idempotency_keys set response_status = $3, sealed_response = $4 where owner_id = $1 and key = $2', [
      owner,
      key,
      stored.status,
      ctx.vault.sealPlatform(purposeOf(owner, key), JSON.stringify(stored)),
    ]),
  ).catch((error: unknown) => ctx.log.error({ err: error, request_id: ctx.requestId }, 'the answer was not kept for its idempotency key'));
  return { ...stored, replayed: false };
}

export function readKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('malformed_request', 'The Idempotency-Key must be 1 to 255 visible characters, best a UUID.');
  }
  return key;
}

/** Takes the key for this request; answers the row of an earlier request with the same key instead, if there is one. */
async function reserve(ctx: Ctx, owner: string, key: string, requestHash: string): Promise<Row | null> {
  return withUser(ctx.database, owner, async (tx) => {
    await tx.query('delete from idempotency_keys where owner_id = $1 and key = $2 and expires_at < now()', [owner, key]);
    const made = await tx.query(
      `insert into idempotency_keys (owner_id, key, request_hash, expires_at) values ($1, $2, $3, now() + interval '24 hours')
       on conflict do nothing returning key`,
      [owner, key, requestHash],
    );
    if (made.length === 1) return null;
    const [row] = await tx.query<Row>('select request_hash, response_status, sealed_response, created_at from idempotency_keys where owner_id = $1 and key = $2', [owner, key]);
    if (row === undefined) throw underWay(0);
    return row;
  });
}

function replay(ctx: Ctx, owner: string, key: string, requestHash: string, row: Row): Stored {
  if (row.request_hash !== requestHash) {
    throw new AppError('invalid_input', 'This Idempotency-Key was used for another request. Use a new key.', {
      errors: [{ pointer: '', detail: 'The Idempotency-Key belongs to another request.' }],
    });
  }
  if (row.sealed_response === null) throw underWay(ctx.clock.now().getTime() - row.created_at.getTime());
  const stored: Stored = JSON.parse(ctx.vault.openPlatform(purposeOf(owner, key), row.sealed_response));
  return stored;
}

/** No request takes a minute: one that seems to was cut off, and nobody knows whether before or after its commit. */
function underWay(ageMs: number): AppError {
  if (ageMs < 60_000) return new AppError('conflict', 'A request with this Idempotency-Key is still under way. Wait for its answer.', { retryAfterSeconds: 1 });
  return new AppError('conflict', 'A request with this Idempotency-Key was cut off. Look whether it took effect before you send it again with a new key.');
}

function purposeOf(owner: string, key: string): string {
  return `idempotency_keys|${owner}|${key}`;
}
