/** What a project key may carry, as Appwrite 1.9 names it. */
const readAndWrite = [
  'databases', 'tables', 'columns', 'indexes', 'rows', 'collections', 'attributes', 'documents',
  'users', 'sessions', 'teams', 'buckets', 'files', 'tokens', 'functions', 'executions', 'execution',
  'providers', 'topics', 'subscribers', 'targets', 'messages',
] as const;

/**
 * Left out on purpose: `keys.*` and `platforms.*` and `project.write`. A key that holds them can read every
 * other key's secret, mint keys that Studio does not know and cannot revoke, or delete the project.
 */
export const grantableScopes: readonly string[] = [
  'project.read',
  ...readAndWrite.flatMap((noun) => [`${noun}.read`, `${noun}.write`]),
  'log.read', 'rules.read', 'locale.read', 'avatars.read', 'health.read',
];

/** What an app needs for data, files, its users and teams. */
export const defaultScopes: readonly string[] = [
  'project.read',
  'databases.read', 'databases.write', 'tables.read', 'tables.write', 'columns.read', 'columns.write',
  'indexes.read', 'indexes.write', 'rows.read', 'rows.write',
  'collections.read', 'collections.write', 'attributes.read', 'attributes.write', 'documents.read', 'documents.write',
  'users.read', 'users.write', 'sessions.write', 'teams.read', 'teams.write',
  'buckets.read', 'buckets.write', 'files.read', 'files.write',
  'locale.read', 'avatars.read', 'health.read',
];
