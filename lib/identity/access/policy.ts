/** Roles in an organization and what each may do. The same table answers the server and the pages. */
export const roles = ['owner', 'admin', 'developer', 'viewer', 'billing'] as const;
export type Role = (typeof roles)[number];

/** Rights that only read: their transactions are opened READ ONLY. */
export const readRights = [
  'organization:read',
  'member:read',
  'project:read',
  'env:read',
  'key:read',
  'data:read',
  'deployment:read',
  'api_key:read',
  'webhook:read',
  'audit:read',
  'isolation:read',
  'billing:read',
] as const;

export const writeRights = [
  'organization:update',
  'organization:leave',
  'member:manage',
  'project:create',
  'project:update',
  'project:delete',
  'project:retry',
  'env:export',
  'env:write',
  'key:manage',
  'platform:manage',
  'deployment:write',
  'railway:manage',
  'api_key:manage',
  'webhook:manage',
  /** Held by the job alone that calls the endpoints. */
  'webhook:deliver',
  'audit:export',
  'isolation:prove',
] as const;

/** Held by jobs alone: writes that nobody sees, so nothing is told to pages and no cached answer is dropped. */
export const quietRights = ['lease:hold', 'vault:rotate', 'webhook:postpone', 'isolation:progress'] as const;

export const rights = [...readRights, ...writeRights, ...quietRights] as const;
export type ReadRight = (typeof readRights)[number];
export type Right = (typeof rights)[number];

const everyone = ['organization:read', 'member:read', 'organization:leave'] as const satisfies readonly Right[];
const viewing = [...everyone, 'project:read', 'key:read', 'data:read', 'deployment:read'] as const satisfies readonly Right[];
const developing = [
  ...viewing,
  'env:read',
  'env:export',
  'env:write',
  'project:create',
  'project:update',
  'project:retry',
  'key:manage',
  'platform:manage',
  'deployment:write',
  'api_key:read',
  'webhook:read',
] as const satisfies readonly Right[];
const administering = [
  ...developing,
  'organization:update',
  'member:manage',
  'project:delete',
  'railway:manage',
  'api_key:manage',
  'webhook:manage',
  'audit:read',
  'audit:export',
] as const satisfies readonly Right[];

export const rightsOf: Record<Role, ReadonlySet<Right>> = {
  owner: new Set<Right>([...administering, 'isolation:read', 'isolation:prove', 'billing:read']),
  admin: new Set<Right>(administering),
  developer: new Set<Right>(developing),
  viewer: new Set<Right>(viewing),
  billing: new Set<Right>([...everyone, 'billing:read']),
};

/** Which roles somebody may hand out or take away: never one above the own. */
export const grantable: Record<Role, readonly Role[]> = {
  owner: roles,
  admin: ['admin', 'developer', 'viewer', 'billing'],
  developer: [],
  viewer: [],
  billing: [],
};

/** What a Studio API key may carry. Keys never manage people, other API keys or exports: those need a person. */
export const apiKeyScopes = [
  'organization:read',
  'project:read',
  'project:create',
  'project:update',
  'project:delete',
  'project:retry',
  'env:read',
  'env:write',
  'key:read',
  'key:manage',
  'platform:manage',
  'data:read',
  'deployment:read',
  'deployment:write',
] as const satisfies readonly Right[];

export function isReadRight(right: Right): right is ReadRight {
  return readRights.some((read) => read === right);
}

export function isQuietRight(right: Right): boolean {
  return quietRights.some((quiet) => quiet === right);
}

export function rightsMap(held: ReadonlySet<Right>): Record<Right, boolean> {
  const entries = rights.map((right) => [right, held.has(right)]);
  return Object.fromEntries(entries);
}
