/** The scopes that a project key can hold, in the order in which the server lists them. */
export const KEY_SCOPES: readonly string[] = [
  'project.read', 'project.write', 'keys.read', 'keys.write', 'platforms.read', 'platforms.write', 'mocks.read', 'mocks.write',
  'policies.read', 'policies.write', 'project.policies.read', 'project.policies.write', 'templates.read', 'templates.write',
  'oauth2.read', 'oauth2.write', 'users.read', 'users.write', 'sessions.read', 'sessions.write', 'teams.read', 'teams.write',
  'databases.read', 'databases.write', 'tables.read', 'tables.write', 'columns.read', 'columns.write', 'indexes.read', 'indexes.write',
  'rows.read', 'rows.write', 'collections.read', 'collections.write', 'attributes.read', 'attributes.write', 'documents.read',
  'documents.write', 'buckets.read', 'buckets.write', 'files.read', 'files.write', 'tokens.read', 'tokens.write', 'functions.read',
  'functions.write', 'executions.read', 'executions.write', 'execution.read', 'execution.write', 'sites.read', 'sites.write', 'log.read',
  'log.write', 'providers.read', 'providers.write', 'topics.read', 'topics.write', 'subscribers.read', 'subscribers.write',
  'targets.read', 'targets.write', 'messages.read', 'messages.write', 'rules.read', 'rules.write', 'webhooks.read', 'webhooks.write',
  'locale.read', 'avatars.read', 'health.read', 'assistant.read', 'migrations.read', 'migrations.write', 'schedules.read',
  'schedules.write', 'vcs.read', 'vcs.write', 'insights.read', 'insights.write', 'reports.read', 'reports.write', 'presences.read',
  'presences.write',
];

const EVERYONE = ['public', 'documents.read', 'documents.write', 'rows.read', 'rows.write', 'files.read', 'files.write', 'sessions.write'];

export const GUEST_SCOPES: ReadonlySet<string> = new Set(EVERYONE);
export const USER_SCOPES: ReadonlySet<string> = new Set([...EVERYONE, 'account', 'teams.read', 'teams.write', 'projects.read']);
/** A key may sign users in and up when it holds `sessions.write`. */
export const KEY_BASE_SCOPES: readonly string[] = ['public'];
/** What a member of the owning team may do in administration mode. */
export const ADMIN_SCOPES: ReadonlySet<string> = new Set([...USER_SCOPES, ...KEY_SCOPES, 'projects.write']);
