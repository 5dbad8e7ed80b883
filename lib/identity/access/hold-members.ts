import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { AppError, notFound } from '@/lib/kernel/errors';
import { grantable, rightsOf, type Right, type Role } from './policy';

/**
 * Makes changes of who belongs to an organization happen one after another, and answers the caller's role as it is
 * once the turn has come: what `within` read before the wait may have been taken away meanwhile.
 */
export async function holdMembers(ctx: Ctx, tx: TenantTx, organizationId: string, right: Right): Promise<Role> {
  const { actor } = ctx;
  if (actor.kind !== 'user') throw new AppError('forbidden', `Only a person can do this; it needs the right ${right}. Sign in and try again.`, { right });
  await lockMembers(tx, organizationId);
  const [own] = await tx.query<{ role: Role }>('select role from memberships where organization_id = $1 and user_id = $2', [organizationId, actor.userId]);
  if (own === undefined) throw notFound('organization');
  if (!rightsOf[own.role].has(right)) throw new AppError('forbidden', `This needs the right ${right}, which the role ${own.role} does not have.`, { right });
  return own.role;
}

/** NO KEY UPDATE leaves room for everybody who only inserts rows that refer to the organization. */
export async function lockMembers(tx: TenantTx, organizationId: string): Promise<void> {
  await tx.query('select from organizations where id = $1 for no key update', [organizationId]);
}

/** Nobody hands out, changes or takes away a role above the own. */
export function demandGrantable(own: Role, concerned: Role): void {
  if (grantable[own].includes(concerned)) return;
  throw new AppError('forbidden', `The role ${own} cannot give, change or take away the role ${concerned}. Ask an owner of the organization.`, { right: 'member:manage' });
}
