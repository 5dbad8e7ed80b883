import { expect, test } from 'vitest';
import { apiKeyScopes, grantable, rights, rightsOf, roles, type Right, type Role } from '@/lib/identity/access/policy';

const all = ['owner', 'admin', 'developer', 'viewer', 'billing'] as const satisfies readonly Role[];
const looking = ['owner', 'admin', 'developer', 'viewer'] as const satisfies readonly Role[];
const building = ['owner', 'admin', 'developer'] as const satisfies readonly Role[];
const administering = ['owner', 'admin'] as const satisfies readonly Role[];

/**
 * Who may do what, written down a second time and the other way round. The routes are held against `policy.ts`, so they
 * follow a change of it; this does not, and a right that is given or taken by mistake stands out here.
 */
const agreed: Record<Right, readonly Role[]> = {
  'organization:read': all,
  'organization:leave': all,
  'member:read': all,
  'project:read': looking,
  'key:read': looking,
  'data:read': looking,
  'deployment:read': looking,
  'env:read': building,
  'env:export': building,
  'env:write': building,
  'project:create': building,
  'project:update': building,
  'project:retry': building,
  'key:manage': building,
  'platform:manage': building,
  'deployment:write': building,
  'api_key:read': building,
  'webhook:read': building,
  'organization:update': administering,
  'member:manage': administering,
  'project:delete': administering,
  'railway:manage': administering,
  'api_key:manage': administering,
  'webhook:manage': administering,
  'audit:read': administering,
  'audit:export': administering,
  'billing:read': ['owner', 'billing'],
  'isolation:read': ['owner'],
  'isolation:prove': ['owner'],
  'webhook:deliver': [],
  'webhook:postpone': [],
  'lease:hold': [],
  'vault:rotate': [],
  'isolation:progress': [],
};

test('A2: every role holds the rights that were agreed, and no other', () => {
  const wrong = roles.flatMap((role) => rights.filter((right) => rightsOf[role].has(right) !== agreed[right].includes(role)).map((right) => `${role} × ${right}`));
  expect(wrong).toEqual([]);
});

test('A13: nobody gives a role above the own, and those below an admin give none', () => {
  expect(grantable).toEqual({ owner: all, admin: ['admin', 'developer', 'viewer', 'billing'], developer: [], viewer: [], billing: [] });
});

test('A15: keys act on projects and read their organization; people, keys, webhooks, exports and the log need a person', () => {
  const kept = /^(member|api_key|webhook|audit|billing|isolation|railway|lease|vault):|^organization:(update|leave)$|^env:export$/;
  expect([...apiKeyScopes].sort()).toEqual(rights.filter((right) => !kept.test(right)).sort());
});
