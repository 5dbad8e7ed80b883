import { unreachable } from '@/lib/kernel/errors';
import { appRole, currentTenant, type Relation, type SystemGrants } from './relations';

/** A row policy as `guard.ts` creates it and `catalog-rules.ts` expects it. `command` is as `pg_policies` writes it. */
export interface Policy {
  name: string;
  permissive: boolean;
  command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  role: string;
  using: string | null;
  check: string | null;
}

/** The policies of a relation for everybody but its owner. */
export function policiesOf(name: string, relation: Relation): Policy[] {
  switch (relation.class) {
    case 'tenant': {
      const condition = `organization_id = ${currentTenant}`;
      return [...pair(name, 'ALL', condition, condition), ...systemPolicies(relation.system), ...throwAwayPolicies(relation.throwAway)];
    }
    case 'user-owned': {
      const { reads, writes } = relation;
      const commands = {
        select: () => pair(`${name}_select`, 'SELECT', reads, null),
        insert: () => pair(`${name}_insert`, 'INSERT', null, writes),
        update: () => pair(`${name}_update`, 'UPDATE', writes, writes),
        delete: () => pair(`${name}_delete`, 'DELETE', writes, null),
      };
      return [...relation.app.flatMap((verb) => commands[verb]()), ...systemPolicies(relation.system), ...throwAwayPolicies(relation.throwAway)];
    }
    case 'platform-only':
      return systemPolicies(relation.system);
    case 'public':
      return [{ name: 'everyone_reads', permissive: true, command: 'SELECT', role: 'public', using: 'true', check: null }];
    default:
      return unreachable(relation);
  }
}

/**
 * A permissive policy opens the rows, a restrictive one with the same condition walls them in: a permissive
 * policy added later cannot widen what the wall refuses.
 */
function pair(name: string, command: Policy['command'], using: string | null, check: string | null): Policy[] {
  const policy = { command, role: appRole, using, check };
  return [
    { ...policy, name: `${name}_access`, permissive: true },
    { ...policy, name: `${name}_wall`, permissive: false },
  ];
}

function systemPolicies(system: SystemGrants = {}): Policy[] {
  return Object.keys(system).map((role) => ({ name: `${role}_access`, permissive: true, command: 'ALL', role, using: 'true', check: 'true' }));
}

function throwAwayPolicies(condition: string | undefined): Policy[] {
  return condition === undefined ? [] : [{ name: 'throw_away_access', permissive: true, command: 'ALL', role: 'studio_prober', using: condition, check: 'false' }];
}
