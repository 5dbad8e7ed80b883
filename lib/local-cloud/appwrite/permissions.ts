import { AppwriteError, invalidParam } from './errors';
import type { Rule } from './params';
import type { MembershipDocument, UserDocument } from './schema';

export type Action = 'create' | 'read' | 'update' | 'delete';

const FORMAT = /^(\w+)\("([^"]+)"\)$/;
const ROLE_NAMES = ['any', 'guests', 'users', 'user', 'team', 'member', 'label'];

/** Checks permission strings and spells `write` out; rows and files take no `create`. */
export function permissionList(level: 'container' | 'item'): Rule<string[]> {
  const allowed = level === 'container' ? ['create', 'read', 'update', 'delete', 'write'] : ['read', 'update', 'delete', 'write'];
  const written: Action[] = level === 'container' ? ['create', 'update', 'delete'] : ['update', 'delete'];
  return (value, name) => {
    const items = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(items)) throw invalidParam(name, 'Permissions must be an array of strings. or null');
    return items.flatMap((item: unknown) => {
      const { action, role } = parse(item, name, allowed);
      return action === 'write' ? written.map((each) => permission(each, role)) : [permission(action, role)];
    });
  };
}

function parse(item: unknown, name: string, allowed: readonly string[]): { action: string; role: string } {
  const match = typeof item === 'string' ? FORMAT.exec(item) : null;
  const [, action = '', role = ''] = match ?? [];
  if (match === null) throw invalidParam(name, `Invalid permission string format: "${String(item)}". or null`);
  if (!allowed.includes(action)) throw invalidParam(name, `Permission "${String(item)}" is not allowed. Must be one of: ${allowed.join(', ')}. or null`);
  const roleName = role.split(':')[0]?.split('/')[0] ?? '';
  if (!ROLE_NAMES.includes(roleName)) throw invalidParam(name, `Role "${roleName}" is not allowed. Must be one of: ${ROLE_NAMES.join(', ')}. or null`);
  return { action, role };
}

export function permission(action: string, role: string): string {
  return `${action}("${role}")`;
}

/** What a user's own row or file carries when nothing was said: read, update and delete for themselves. */
export function ownedBy(userId: string): string[] {
  return (['read', 'update', 'delete'] as const).map((action) => permission(action, `user:${userId}`));
}

/** The roles that one list of permissions names for an action. */
export function rolesFor(action: Action, permissions: readonly string[]): string[] {
  return permissions.flatMap((each) => {
    const match = FORMAT.exec(each);
    return match?.[1] === action && match[2] !== undefined ? [match[2]] : [];
  });
}

export const GUEST_ROLES: readonly string[] = ['any', 'guests'];

/** The roles of a signed-in user, in the order in which the server lists them. */
export function rolesOfUser(user: UserDocument, memberships: readonly MembershipDocument[]): string[] {
  const verified = user.values.emailVerification || user.values.phoneVerification ? 'verified' : 'unverified';
  return [
    'any', 'users', `user:${user.$id}`, `user:${user.$id}/${verified}`, `users/${verified}`,
    ...memberships.filter((membership) => membership.values.confirm).flatMap(({ $id, values }) => [
      `team:${values.teamId}`, `member:${$id}`, ...values.roles.map((role) => `team:${values.teamId}/${role}`),
    ]),
    ...user.values.labels.map((label) => `label:${label}`),
  ];
}

/** Who asks: their roles, and whether an API key or an administrator lifts all checks. */
export interface Asker {
  roles: readonly string[];
  privileged: boolean;
}

export function allows(asker: Asker, action: Action, permissions: readonly string[]): boolean {
  return asker.privileged || rolesFor(action, permissions).some((role) => asker.roles.includes(role));
}

/** A table or bucket and an item in it: the container's role opens every item, the item's own role only with item security on. */
export interface Guarded {
  container: readonly string[];
  itemSecurity: boolean;
  item: readonly string[];
}

export function allowsItem(asker: Asker, action: Action, { container, itemSecurity, item }: Guarded): boolean {
  return allows(asker, action, container) || (itemSecurity && allows(asker, action, item));
}

/** The read permissions that would open an item to the asker, for filtering a list. */
export function readPermissions(asker: Asker): string[] {
  return asker.roles.map((role) => permission('read', role));
}

/** Refuses in the words of the real server, which names the last role that would have done. */
export function missingPermission(asker: Asker, action: Action, permissions: readonly string[]): AppwriteError {
  const wanted = rolesFor(action, permissions);
  const last = wanted.at(-1);
  if (last === undefined) return new AppwriteError('user_unauthorized', `No permissions provided for action '${action}'`);
  return new AppwriteError(
    'user_unauthorized',
    `Missing "${action}" permission for role "${last}". Only "${phpJson(asker.roles)}" scopes are allowed and "${phpJson(wanted)}" was given.`,
  );
}

/** Users and guests may only hand out roles that they hold. */
export function requireHeldRoles(asker: Asker, permissions: readonly string[]): void {
  if (asker.privileged) return;
  const held = permissions.every((each) => asker.roles.includes(FORMAT.exec(each)?.[2] ?? ''));
  if (!held) throw new AppwriteError('user_unauthorized', `Permissions must be one of: (${asker.roles.join(', ')})`);
}

function phpJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('/', '\\/');
}
