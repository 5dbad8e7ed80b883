import { LRUCache } from 'lru-cache';
import {
  readInTenant,
  withoutTenant,
  withTenant,
  type Statement,
  type TenantScope,
  type TenantTx,
} from '@/db/platform/client';
import { notify } from '@/db/platform/notify';
import type { Ctx } from '@/lib/context';
import { actorId, type SystemJob } from '@/lib/kernel/actor';
import { AppError, isAppError, notFound, unreachable } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { attemptOf } from '@/lib/trust/audit/actions';
import { audit } from '@/lib/trust/audit/record';
import { bumpOrganization } from './freshness';
import { logAccess } from './log-access';
import { isQuietRight, isReadRight, rightsOf, type Right, type Role } from './policy';

/** What a verb knows about its caller once the tenant transaction is open. */
export interface Access {
  /** The row uuid. */
  organizationId: string;
  role: Role | null;
  rights: ReadonlySet<Right>;
  /** Set when an API key is limited to one project: every other project does not exist for it. */
  onlyProjectId: string | null;
  /** How long ago the password was given again in this session, by the clock that wrote it down: the database's. */
  steppedUpMs: number | null;
}

/** By public id (`org_…`), through a project (`prj_…`), or by row uuid for jobs. */
export type Where = { organization: string } | { project: string } | { organizationId: string };

/**
 * The one way into an organization: finds it, opens its transaction, reads the caller's rights in that same
 * transaction, and runs `work` when the right is held. A stranger gets `not_found`, a member without the right
 * `forbidden`; the refusal is written to the audit log in a transaction of its own.
 */
export async function within<Result>(
  ctx: Ctx,
  where: Where,
  right: Right,
  work: (tx: TenantTx, access: Access) => Promise<Result>,
): Promise<Result> {
  const scope = await scopeOf(ctx, where);
  const startedMs = ctx.clock.monotonicMs();
  const readOnly = isReadRight(right);
  const seen = !readOnly && !isQuietRight(right);
  try {
    const { result, rows } = await withTenant(ctx.database, scope, { readOnly }, async (tx) => {
      const access = accessOf(ctx, scope, await readGrant(ctx, tx, scope), where);
      demand(access, right);
      // Travels with the first statement of the work: wherever it stands, it is heard when the transaction commits.
      const told = seen ? notify(tx, { kind: 'organization', organization_id: scope.organizationId }) : Promise.resolve();
      told.catch(() => undefined);
      const outcome = await work(tx, access);
      await told;
      return { result: outcome, rows: tx.rowsTouched() };
    });
    const bumped = seen ? bumpOrganization(ctx.cache, scope.organizationId) : undefined;
    // A job acknowledges its change to nobody, so it need not wait until everybody sees it.
    if (ctx.actor.kind !== 'system') await bumped;
    logAccess(ctx, scope, right, rows, startedMs);
    return result;
  } catch (error) {
    if (isAppError(error) && error.code === 'forbidden') await recordDenial(ctx, scope, right, where, error.message);
    throw error;
  }
}

/**
 * The same check for hot reads, in one round trip: the rights and the rows travel together, and the rows are
 * dropped when the right is missing.
 */
export async function readWithin(
  ctx: Ctx,
  where: Where,
  right: Right,
  statements: (scope: TenantScope) => Statement[],
): Promise<{ access: Access; rows: Record<string, unknown>[][] }> {
  const scope = await scopeOf(ctx, where);
  const startedMs = ctx.clock.monotonicMs();
  const [grants = [], ...rows] = await readInTenant(ctx.database, scope, [grantStatement(ctx, scope), ...statements(scope)]);
  const access = accessOf(ctx, scope, asGrantRow(grants[0]), where);
  try {
    demand(access, right);
  } catch (error) {
    await recordDenial(ctx, scope, right, where, `missing right ${right}`);
    throw error;
  }
  logAccess(ctx, scope, right, rows.reduce((sum, list) => sum + list.length, 0), startedMs);
  return { access, rows };
}

/** Public ids never change owner, so what they resolve to can be kept for ever. */
const located = new LRUCache<string, string>({ max: 50_000 });

/** The row uuid behind a public id when this process has met it before. Says nothing about rights. */
export function locatedOrganization(publicId: string): string | undefined {
  return located.get(publicId);
}

async function scopeOf(ctx: Ctx, where: Where): Promise<TenantScope> {
  if (ctx.actor.kind === 'anonymous') throw new AppError('unauthenticated', 'Sign in to do this.');
  const organizationId = 'organizationId' in where ? where.organizationId : await locate(ctx, where);
  const bound = boundOrganization(ctx);
  if (bound !== null && bound !== organizationId) throw notFound(whatIs(where));
  return { organizationId, userId: actorId(ctx.actor) };
}

/** The row uuid of an organization by its public id. Says nothing about rights. */
export function locateOrganization(ports: Pick<Ctx, 'database'>, organization: string): Promise<string> {
  return locate(ports, { organization });
}

async function locate(ctx: Pick<Ctx, 'database'>, where: { organization: string } | { project: string }): Promise<string> {
  const [kind, publicId] = 'organization' in where ? (['organization', where.organization] as const) : (['project', where.project] as const);
  if (!publicIdPattern(kind).test(publicId)) throw notFound(kind);
  const known = located.get(publicId);
  if (known !== undefined) return known;
  const [row] = await withoutTenant(ctx.database, (tx) => tx.query<{ id: string | null }>('select studio.locate($1, $2) as id', [kind, publicId]));
  if (row?.id == null) throw notFound(kind);
  located.set(publicId, row.id);
  return row.id;
}

/** The organization that the credential itself is tied to; null for a cookie, which reaches all of a person's. */
function boundOrganization(ctx: Ctx): string | null {
  if (ctx.actor.kind === 'api_key') return ctx.actor.organizationId;
  if (ctx.actor.kind === 'user') return ctx.actor.organizationId ?? null;
  return null;
}

interface GrantRow {
  role: Role | null;
  stepped_up_ms: number | null;
  scopes: Right[] | null;
  project_id: string | null;
}

function asGrantRow(row: Record<string, unknown> | undefined): GrantRow | undefined {
  return row as GrantRow | undefined;
}

/** What a job may do is said in `systemRights`, so nothing is asked for it. */
const noGrant: GrantRow = { role: null, stepped_up_ms: null, scopes: null, project_id: null };

async function readGrant(ctx: Ctx, tx: TenantTx, scope: TenantScope): Promise<GrantRow | undefined> {
  if (ctx.actor.kind === 'system') return noGrant;
  const { text, values } = grantStatement(ctx, scope);
  const [row] = await tx.query<GrantRow>(text, values);
  return row;
}

/** Reads, inside the transaction, whether the session or key still stands and what it may do. */
function grantStatement(ctx: Ctx, scope: TenantScope): Statement {
  const { actor } = ctx;
  switch (actor.kind) {
    case 'user':
      return {
        text: `select m.role, (extract(epoch from now() - s.stepped_up_at) * 1000)::float8 as stepped_up_ms, null::text[] as scopes, null::uuid as project_id
                 from memberships m join user_sessions s on s.user_id = m.user_id
                where m.organization_id = $1 and m.user_id = $2 and s.id = $3
                  and s.revoked_at is null and s.expires_at > now() and s.idle_expires_at > now()`,
        values: [scope.organizationId, actor.userId, actor.sessionId],
      };
    case 'api_key':
      return {
        text: `select m.role, null::float8 as stepped_up_ms, k.scopes, k.project_id
                 from api_keys k join memberships m on m.organization_id = k.organization_id and m.user_id = k.created_by
                where k.organization_id = $1 and k.id = $2 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`,
        values: [scope.organizationId, actor.keyId],
      };
    case 'system':
      return {
        text: 'select null as role, null::float8 as stepped_up_ms, null::text[] as scopes, null::uuid as project_id',
        values: [],
      };
    case 'anonymous':
      throw new AppError('unauthenticated', 'Sign in to do this.');
    default:
      return unreachable(actor);
  }
}

/** What jobs without a person may do. */
export const systemRights: Record<SystemJob, readonly Right[]> = {
  provisioning: ['lease:hold', 'project:read', 'project:update', 'key:manage', 'platform:manage', 'deployment:read', 'deployment:write'],
  reconciler: ['lease:hold', 'project:read', 'project:update', 'key:manage', 'deployment:read', 'deployment:write'],
  janitor: ['project:delete', 'project:read'],
  rotation: ['vault:rotate'],
  webhooks: ['webhook:read', 'webhook:deliver', 'webhook:postpone'],
  prover: ['isolation:read', 'isolation:prove', 'isolation:progress'],
  demo: ['project:create'],
};

function accessOf(ctx: Ctx, scope: TenantScope, row: GrantRow | undefined, where: Where): Access {
  if (row === undefined) throw notFound(whatIs(where));
  const base = { organizationId: scope.organizationId, steppedUpMs: row.stepped_up_ms, onlyProjectId: row.project_id };
  if (ctx.actor.kind === 'system') return { ...base, role: null, rights: new Set(systemRights[ctx.actor.job]) };
  if (row.role === null) throw notFound(whatIs(where));
  // A key never does more than the person who made it may do today, and nothing once that person has left.
  const held = rightsOf[row.role];
  if (row.scopes !== null) return { ...base, role: null, rights: new Set(row.scopes.filter((scope) => held.has(scope))) };
  return { ...base, role: row.role, rights: rightsOf[row.role] };
}

function demand(access: Access, right: Right): void {
  if (access.rights.has(right)) return;
  throw new AppError('forbidden', `This needs the right ${right}, which ${access.role === null ? 'this key' : `the role ${access.role}`} does not have. Ask an owner or admin of the organization.`, { right });
}

function whatIs(where: Where): string {
  return 'project' in where ? 'project' : 'organization';
}

async function recordDenial(ctx: Ctx, scope: TenantScope, right: Right, where: Where, reason: string): Promise<void> {
  const target = 'project' in where
    ? { kind: 'project' as const, id: where.project, name: null }
    : { kind: 'organization' as const, id: 'organization' in where ? where.organization : null, name: null };
  await withTenant(ctx.database, scope, {}, (tx) =>
    audit(ctx, tx, { organizationId: scope.organizationId, action: attemptOf(right), target, outcome: 'denied', reason }),
  );
}
