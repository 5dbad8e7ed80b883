import { createHash } from 'node:crypto';
import { withUser } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';

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

/** A request that died in the middle frees its key after this long. */
const abandonedAfterMs = 60_000;

/**
 * Runs `work` once for each Idempotency-Key of a caller. The same key with the same request answers again what
 * it answered; with another request 422; while the first is under way 409. Answers are kept for 24 hours,
 * sealed, because they can hold a secret. Failures are not kept: they may be tried again.
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
  try {
    const stored = await work();
    await withUser(ctx.database, owner, (tx) =>
      tx.query('update idempotency_keys set response_status = $3, sealed_response = $4 where owner_id = $1 and key = $2', [
        owner,
        key,
        stored.status,
        ctx.vault.sealPlatform(purposeOf(owner, key), JSON.stringify(stored)),
      ]),
    );
    return { ...stored, replayed: false };
  } catch (error) {
    await withUser(ctx.database, owner, (tx) => tx.query('delete from idempotency_keys where owner_id = $1 and key = $2 and response_status is null', [owner, key]));
    throw error;
  }
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
    await tx.query(
      `delete from idempotency_keys where owner_id = $1 and key = $2
        and (expires_at < now() or (response_status is null and created_at < now() - $3 * interval '1 millisecond'))`,
      [owner, key, abandonedAfterMs],
    );
    const made = await tx.query(
      `insert into idempotency_keys (owner_id, key, request_hash, expires_at) values ($1, $2, $3, now() + interval '24 hours')
       on conflict do nothing returning key`,
      [owner, key, requestHash],
    );
    if (made.length === 1) return null;
    const [row] = await tx.query<Row>('select request_hash, response_status, sealed_response, created_at from idempotency_keys where owner_id = $1 and key = $2', [owner, key]);
    if (row === undefined) throw new AppError('conflict', 'A request with this Idempotency-Key is still under way. Wait for its answer.', { retryAfterSeconds: 1 });
    return row;
  });
}

function replay(ctx: Ctx, owner: string, key: string, requestHash: string, row: Row): Stored {
  if (row.request_hash !== requestHash) {
    throw new AppError('invalid_input', 'This Idempotency-Key was used for another request. Use a new key.', {
      errors: [{ pointer: '', detail: 'The Idempotency-Key belongs to another request.' }],
    });
  }
  if (row.sealed_response === null) {
    throw new AppError('conflict', 'A request with this Idempotency-Key is still under way. Wait for its answer.', { retryAfterSeconds: 1 });
  }
  const stored: Stored = JSON.parse(ctx.vault.openPlatform(purposeOf(owner, key), row.sealed_response));
  return stored;
}

function purposeOf(owner: string, key: string): string {
  return `idempotency_keys|${owner}|${key}`;
}
