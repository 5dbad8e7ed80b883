/**
 * Every relation of the platform database, its class, and what each role may do to it. `guard.ts` turns this
 * table into row-level security, policies and grants, and the isolation suite holds the catalog against it:
 * a relation that is not listed here fails the boot and the tests.
 */
export type Verb = 'select' | 'insert' | 'update' | 'delete';

export const appRole = 'studio_app';
export const jobsRole = 'studio_jobs';

/**
 * Reads every row of every table, so that a copy is whole, and writes nothing. No process of ours assumes it, and it
 * logs in only where the operator names `DATABASE_BACKUP_URL`.
 */
export const backupRole = 'studio_backup';

/** Roles without login that the runtime role may assume for one transaction, each for one kind of work. */
export const systemRoles = [
  'studio_signin',
  'studio_locator',
  'studio_placement',
  'studio_reconciler',
  'studio_janitor',
  'studio_rotator',
  'studio_prober',
] as const;

export type SystemRole = (typeof systemRoles)[number];

export type SystemGrants = Partial<Record<SystemRole, readonly Verb[]>>;

/**
 * The rows of throw-away organizations and their people, as a condition. The role of proofs may remove these and sees
 * no other row of the table, so that not even a mistake of ours removes anybody else's.
 */
type ThrowAway = { throwAway?: string };

export type Relation =
  | ({ class: 'tenant'; app: readonly Verb[]; system?: SystemGrants } & ThrowAway)
  /**
   * Seen through a condition of its own; `reason` says why the tenant rule does not fit. What may be read can be
   * wider than what may be written, so that no write leaves the current tenant. `unindexed`: the condition leads to no
   * index, so a statement without one of its own reads the whole table.
   */
  | ({ class: 'user-owned'; app: readonly Verb[]; reads: string; writes: string; reason: string; system?: SystemGrants; unindexed?: true } & ThrowAway)
  | { class: 'platform-only'; reason: string; system: SystemGrants }
  | { class: 'public'; reason: string };

/** `(select …)` makes each an InitPlan: evaluated once for a statement, not once for a row. */
export const currentTenant = `(select nullif(current_setting('app.current_tenant', true), '')::uuid)`;
export const currentUser = `(select nullif(current_setting('app.current_user', true), '')::uuid)`;

/** What may be done to a relation by roles that act across organizations. */
export function systemGrantsOf(relation: Relation): SystemGrants {
  if (relation.class === 'public') return {};
  const throwAway = relation.class === 'platform-only' ? undefined : relation.throwAway;
  return { ...relation.system, ...(throwAway === undefined ? {} : { studio_prober: ['select', 'delete'] as const }) };
}

const inThrowAway = 'exists (select from organizations o where o.id = organization_id and o.throw_away)';

/**
 * Either of two conditions, for tables that grow with one organization. Written with `or`, the planner would look both up
 * in indexes, expect next to nothing, and sort a whole organization for one page of it. A `case` it takes as a mere
 * filter, and follows the index of the statement's own condition.
 */
const eitherUnindexed = (one: string, other: string) => `case when ${one} then true else ${other} end`;

const all = ['select', 'insert', 'update', 'delete'] as const;
const keep = ['select', 'insert', 'update'] as const;
const append = ['select', 'insert'] as const;

export const relations: Record<string, Relation> = {
  users: {
    class: 'user-owned',
    app: ['select', 'update'],
    // Without the `offset` the planner reads all members of the organization into a table, to find 25 of them in it.
    reads: `id = ${currentUser} or exists (select from memberships m where m.organization_id = ${currentTenant} and m.user_id = users.id offset 0)`,
    writes: `id = ${currentUser}`,
    reason: 'a user belongs to many organizations; seen by oneself and by co-members of the current organization',
    system: { studio_signin: keep, studio_janitor: ['select'] },
    throwAway: 'throw_away',
  },
  user_credentials: {
    class: 'platform-only',
    reason: 'password hashes are read at sign-in and nowhere else',
    system: { studio_signin: keep },
  },
  user_sessions: {
    class: 'user-owned',
    app: ['select', 'update'],
    reads: `user_id = ${currentUser}`,
    writes: `user_id = ${currentUser}`,
    reason: 'sessions belong to a person, not to an organization',
    system: { studio_signin: keep, studio_janitor: ['select', 'delete'] },
    throwAway: 'exists (select from users u where u.id = user_id and u.throw_away)',
  },
  one_time_tokens: {
    class: 'platform-only',
    reason: 'looked up by hash before anybody is signed in',
    system: { studio_signin: keep, studio_janitor: ['select', 'delete'] },
  },
  organizations: {
    class: 'user-owned',
    app: keep,
    reads: `id = ${currentTenant} or exists (select from memberships m where m.organization_id = organizations.id and m.user_id = ${currentUser})`,
    writes: `id = ${currentTenant}`,
    reason: 'the row is the tenant itself; a member also sees it in the switcher',
    system: { studio_locator: ['select'], studio_signin: ['select'] },
    throwAway: 'throw_away',
  },
  organization_keys: { class: 'tenant', app: all, system: { studio_rotator: ['select'] }, throwAway: inThrowAway },
  memberships: {
    class: 'user-owned',
    app: all,
    reads: eitherUnindexed(`organization_id = ${currentTenant}`, `user_id = ${currentUser}`),
    unindexed: true,
    writes: `organization_id = ${currentTenant}`,
    reason: 'a person lists the own memberships across organizations; writes stay inside the current one',
    system: { studio_signin: ['select'] },
    throwAway: inThrowAway,
  },
  invitations: { class: 'tenant', app: keep, system: { studio_signin: ['select'] } },
  api_keys: { class: 'tenant', app: keep, system: { studio_signin: ['select', 'update'] }, throwAway: inThrowAway },
  plans: { class: 'public', reason: 'the price list is the same for everyone' },
  subscriptions: { class: 'tenant', app: keep, throwAway: inThrowAway },
  projects: {
    class: 'tenant',
    app: keep,
    system: { studio_locator: ['select'], studio_reconciler: ['select'] },
  },
  platform_databases: { class: 'tenant', app: keep },
  appwrite_instances: {
    class: 'platform-only',
    reason: 'servers of the platform; placement alone counts and chooses them',
    system: { studio_placement: keep, studio_reconciler: ['select'], studio_rotator: ['select'] },
  },
  appwrite_strays: {
    class: 'platform-only',
    reason: 'projects on an Appwrite server that no organization owns; for the operator',
    system: { studio_reconciler: keep },
  },
  appwrite_teams: { class: 'tenant', app: keep, system: { studio_reconciler: ['select'] } },
  appwrite_projects: { class: 'tenant', app: keep, system: { studio_reconciler: ['select'] } },
  appwrite_keys: { class: 'tenant', app: keep, system: { studio_reconciler: ['select'] } },
  environments: { class: 'tenant', app: all },
  environment_variables: { class: 'tenant', app: all },
  railway_connections: { class: 'tenant', app: all },
  railway_projects: { class: 'tenant', app: keep, system: { studio_locator: ['select'] } },
  services: { class: 'tenant', app: keep },
  deployments: { class: 'tenant', app: keep, system: { studio_reconciler: ['select'] } },
  deployment_states: { class: 'tenant', app: append, system: { studio_janitor: ['select', 'delete'] } },
  deployment_logs: { class: 'tenant', app: all },
  sagas: { class: 'tenant', app: keep, system: { studio_reconciler: ['select'] } },
  saga_steps: { class: 'tenant', app: keep, system: { studio_reconciler: ['select'] } },
  saga_events: { class: 'tenant', app: append, system: { studio_janitor: ['select', 'delete'] } },
  webhooks: { class: 'tenant', app: all },
  webhook_deliveries: { class: 'tenant', app: all, system: { studio_janitor: ['select', 'delete'] } },
  audit_logs: {
    class: 'user-owned',
    app: append,
    reads: eitherUnindexed(`organization_id = ${currentTenant}`, `organization_id is null and actor_user_id = ${currentUser}`),
    unindexed: true,
    writes: `organization_id = ${currentTenant} or (organization_id is null and actor_user_id = ${currentUser})`,
    reason: 'account events (sign-in, password) have no organization and are seen by their user alone',
    system: {
      studio_signin: ['insert'],
      studio_placement: ['insert'],
      studio_reconciler: ['insert'],
      studio_janitor: ['insert'],
      studio_rotator: ['insert'],
      studio_prober: ['insert'],
    },
  },
  isolation_proofs: { class: 'tenant', app: keep },
  signing_keys: {
    class: 'platform-only',
    reason: 'keys of this installation, which sign the reports of proofs',
    system: { studio_prober: keep, studio_rotator: ['select'] },
  },
  idempotency_keys: {
    class: 'user-owned',
    app: all,
    reads: `owner_id = ${currentUser}`,
    writes: `owner_id = ${currentUser}`,
    reason: 'a key belongs to whoever sent it, before any organization is known',
    system: { studio_janitor: ['select', 'delete'], studio_rotator: ['select'] },
  },
};

/** Columns of append-only tables that the runtime role may not set: the log decides its own id and time. */
export const insertExcept: Record<string, readonly string[]> = { audit_logs: ['id', 'at'] };
