import type { TenantTx } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { within, type Access } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { newAppwriteId, newPublicId, newUuid } from '@/lib/kernel/ids';
import { asking } from '../appwrite-errors';
import { lockProjectRow, type PlacedProject } from '../internal';
import { demandReady } from '../states';

/** A key that is written down but not minted yet. */
export interface KeyIntent {
  id: string;
  publicId: string;
  appwriteKeyId: string;
  organizationId: string;
  place: PlacedProject;
  name: string;
  scopes: readonly string[];
  expiresAt: Date | null;
}

interface NewKeyIntent {
  organizationId: string;
  projectId: string;
  place: PlacedProject;
  name: string;
  purpose: 'env' | 'user';
  /** Null for production's and for keys of people. */
  environmentId?: string | null;
  scopes: readonly string[];
  expiresAt: Date | null;
}

/** Keys of a project that work at the same time. */
const mostLiveKeys = 50;
/** A key that nobody has recorded by then is taken back: its secret reached no one. */
const recordedWithinMs = 2 * 60_000;

/** Chooses the key's id at Appwrite and writes it down, with a job that cleans up if nothing follows. */
export async function writeIntent(ctx: Ctx, tx: TenantTx, wanted: NewKeyIntent): Promise<KeyIntent> {
  const { organizationId, projectId, place, name, purpose, environmentId = null, scopes, expiresAt } = wanted;
  const [counted] = await tx.query<{ keys: number }>(
    `select count(*)::int as keys from appwrite_keys where organization_id = $1 and project_id = $2 and state in ('requested', 'live')`,
    [organizationId, projectId],
  );
  if ((counted?.keys ?? 0) >= mostLiveKeys) throw new AppError('quota_exceeded', `A project holds at most ${mostLiveKeys} keys. Revoke one first.`);
  const intent = { id: newUuid(ctx.clock.now().getTime()), publicId: newPublicId('appwriteKey'), appwriteKeyId: newAppwriteId() };
  await tx.query(
    `insert into appwrite_keys (organization_id, id, public_id, project_id, appwrite_project_row_id, appwrite_key_id, name, purpose, environment_id, scopes, expires_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [organizationId, intent.id, intent.publicId, projectId, place.attemptId, intent.appwriteKeyId, name, purpose, environmentId, scopes, expiresAt, actorId(ctx.actor)],
  );
  await enqueue(tx, 'retire-key', { key_id: intent.id }, { jobKey: `key:${intent.id}`, afterMs: recordedWithinMs });
  return { ...intent, organizationId, place, name, scopes, expiresAt };
}

/** Mints the key outside any transaction and answers its secret. A key that may be half there is taken back. */
export async function mint(ctx: Ctx, intent: KeyIntent): Promise<string> {
  const { place, appwriteKeyId: keyId, name, scopes, expiresAt } = intent;
  const admin = (await ctx.appwrite.byId(place.instanceId)).admin({ tenant: intent.organizationId });
  const projectId = place.appwriteProjectId;
  try {
    return (await asking('key', admin.createKey({ projectId, keyId, name, scopes, expiresAt }))).secret;
  } catch (error) {
    await takeBackQuietly(ctx, intent);
    throw error;
  }
}

/**
 * Writes down a key that Appwrite has made. The project is looked at again, under a lock: while the key was made
 * it may have been deleted, and a key that came alive afterwards would be the only one with its scopes.
 */
export async function recordOrTakeBack<Result>(ctx: Ctx, intent: KeyIntent, project: string, record: (tx: TenantTx, access: Access) => Promise<Result>): Promise<Result> {
  try {
    return await within(ctx, { project }, 'key:manage', async (tx, access) => {
      demandReady((await lockProjectRow(tx, access, project)).status);
      return record(tx, access);
    });
  } catch (error) {
    await takeBackQuietly(ctx, intent);
    throw error;
  }
}

/** What went wrong first is what the caller must hear; the job that was written with the intent takes the key back in any case. */
async function takeBackQuietly(ctx: Ctx, intent: KeyIntent): Promise<void> {
  await takeBack(ctx, intent).catch((error: unknown) => ctx.log.warn({ err: error, key: intent.publicId }, 'the key is taken back later'));
}

/** The answer may be lost while the key exists, so it is deleted by its id rather than forgotten. */
export async function takeBack(ctx: Ctx, { organizationId, id }: Pick<KeyIntent, 'organizationId' | 'id'>): Promise<void> {
  await within(ctx, { organizationId }, 'key:manage', async (tx) => {
    await tx.query(`update appwrite_keys set state = 'revoking' where organization_id = $1 and id = $2 and state = 'requested'`, [organizationId, id]);
    await enqueue(tx, 'retire-key', { key_id: id }, { jobKey: `key:${id}` });
  });
}
