import { createHash } from 'node:crypto';
import { withTenant, withUser, type Tx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import type { Actor } from '@/lib/kernel/actor';
import { AppError, isAppError } from '@/lib/kernel/errors';

interface Answer {
  status: number;
  body: string;
}

interface Stored extends Answer {
  /** What the request was let in with, and what a repetition must still have. */
  credential: string;
  /** Missing in an answer that a version before kept. */
  roles?: Roles;
}

/** By organization: the caller's own, or for an API key that of the person who made it. */
type Roles = Record<string, string>;

interface Row {
  request_hash: string;
  response_status: number | null;
  sealed_response: string | null;
  created_at: Date;
}

/** Those who can send a request again as themselves. */
type Owner = Extract<Actor, { kind: 'user' | 'api_key' }>;

/**
 * Runs `work` once for each Idempotency-Key of a caller. The same key with the same request answers again what
 * it answered; with another request 422; while the first is under way, or when it was cut off, 409. Answers are
 * kept for 24 hours, sealed, because they can hold a secret, and given again only to the session or key that asked
 * first, and only while every role that it had then is what it was. Failures are not kept: they may be tried again.
 */
export async function once(
  ctx: Ctx,
  { key, method, path, body }: { key: string; method: string; path: string; body: string },
  work: () => Promise<Answer>,
): Promise<Answer & { replayed: boolean }> {
  const { actor } = ctx;
  if (actor.kind !== 'user' && actor.kind !== 'api_key') throw refuseKey();
  const requestHash = createHash('sha256').update(`${method} ${path}\n${body}`).digest('base64url');
  const { earlier, roles } = await reserve(ctx, actor, key, requestHash);
  if (earlier !== null) return { ...replay(ctx, actor, { key, requestHash, roles }, earlier), replayed: true };
  const owner = ownerId(actor);
  const answer = await work().catch(async (error: unknown) => {
    if (isAppError(error) && error.unsure) throw error;
    // Nothing was done, so the key is free again. After this point it never is: the work is committed.
    const freed = asOwner(ctx, actor, (tx) => tx.query('delete from idempotency_keys where owner_id = $1 and key = $2 and response_status is null', [owner, key])).catch(
      (failure: unknown) => ctx.log.error({ err: failure, request_id: ctx.requestId }, 'an idempotency key was not freed'),
    );
    // A database that does not answer is not waited for twice.
    if (!isAppError(error) || error.code !== 'unavailable') await freed;
    throw error;
  });
  const stored: Stored = { ...answer, credential: credentialOf(actor), roles };
  await asOwner(ctx, actor, (tx) =>
    tx.query('update idempotency_keys set response_status = $3, sealed_response = $4 where owner_id = $1 and key = $2', [
      owner,
      key,
      answer.status,
      ctx.vault.sealPlatform(purposeOf(owner, key), JSON.stringify(stored)),
    ]),
  ).catch((error: unknown) => ctx.log.error({ err: error, request_id: ctx.requestId }, 'the answer was not kept for its idempotency key'));
  return { ...answer, replayed: false };
}

export function readKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError('malformed_request', 'The Idempotency-Key must be 1 to 255 visible characters, best a UUID.');
  }
  return key;
}

/** For requests whose answers are not kept: cookies, files and what guests may ask. Said before anything is done. */
export function refuseKey(): AppError {
  return new AppError('malformed_request', 'This request takes no Idempotency-Key, because its answer is not kept. Send it without.');
}

/** Takes the key for this request; answers the row of an earlier request with the same key instead, if there is one. */
async function reserve(ctx: Ctx, actor: Owner, key: string, requestHash: string): Promise<{ earlier: Row | null; roles: Roles }> {
  const owner = ownerId(actor);
  return asOwner(ctx, actor, async (tx) => {
    const roles = await rolesOf(tx, actor);
    await tx.query('delete from idempotency_keys where owner_id = $1 and key = $2 and expires_at < now()', [owner, key]);
    const made = await tx.query(
      `insert into idempotency_keys (owner_id, key, request_hash, expires_at) values ($1, $2, $3, now() + interval '24 hours')
       on conflict do nothing returning key`,
      [owner, key, requestHash],
    );
    if (made.length === 1) return { earlier: null, roles };
    const [row] = await tx.query<Row>('select request_hash, response_status, sealed_response, created_at from idempotency_keys where owner_id = $1 and key = $2', [owner, key]);
    if (row === undefined) throw underWay(0);
    return { earlier: row, roles };
  });
}

function replay(ctx: Ctx, actor: Owner, { key, requestHash, roles }: { key: string; requestHash: string; roles: Roles }, row: Row): Answer {
  if (row.request_hash !== requestHash) {
    throw new AppError('invalid_input', 'This Idempotency-Key was used for another request. Use a new key.', {
      errors: [{ pointer: '', detail: 'The Idempotency-Key belongs to another request.' }],
    });
  }
  if (row.sealed_response === null) throw underWay(ctx.clock.now().getTime() - row.created_at.getTime());
  const stored: Stored = JSON.parse(ctx.vault.openPlatform(purposeOf(ownerId(actor), key), row.sealed_response));
  const kept = stored.roles !== undefined && Object.entries(stored.roles).every(([organization, role]) => roles[organization] === role);
  if (!kept || stored.credential !== credentialOf(actor)) {
    throw new AppError('forbidden', 'This was done, but its answer is given again only to the session or key that asked, with the rights that it had then. Look at the result instead.');
  }
  return { status: stored.status, body: stored.body };
}

/** No request takes a minute: one that seems to was cut off, and nobody knows whether before or after its commit. */
function underWay(ageMs: number): AppError {
  if (ageMs < 60_000) return new AppError('conflict', 'A request with this Idempotency-Key is still under way. Wait for its answer.', { retryAfterSeconds: 1 });
  return new AppError('conflict', 'A request with this Idempotency-Key was cut off. Look whether it took effect before you send it again with a new key.');
}

/** A transaction that sees the owner's kept answers and what the owner's rights rest on. */
function asOwner<Result>(ctx: Ctx, actor: Owner, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  if (actor.kind === 'user') return withUser(ctx.database, actor.userId, work);
  return withTenant(ctx.database, { organizationId: actor.organizationId, userId: actor.keyId }, {}, work);
}

async function rolesOf(tx: Tx, actor: Owner): Promise<Roles> {
  const rows =
    actor.kind === 'user'
      ? await tx.query<{ organization_id: string; role: string }>('select organization_id, role from memberships where user_id = $1', [actor.userId])
      : await tx.query<{ organization_id: string; role: string }>(
          `select m.organization_id, m.role from api_keys k join memberships m on m.organization_id = k.organization_id and m.user_id = k.created_by
            where k.organization_id = $1 and k.id = $2`,
          [actor.organizationId, actor.keyId],
        );
  return Object.fromEntries(rows.map(({ organization_id, role }) => [organization_id, role]));
}

function ownerId(actor: Owner): string {
  return actor.kind === 'user' ? actor.userId : actor.keyId;
}

/** A token that is bound to one organization is another credential than the session behind it. */
function credentialOf(actor: Owner): string {
  return actor.kind === 'user' ? `${actor.sessionId}|${actor.organizationId ?? ''}` : actor.keyId;
}

function purposeOf(owner: string, key: string): string {
  return `idempotency_keys|${owner}|${key}`;
}
