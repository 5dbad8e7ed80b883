import { randomInt } from 'node:crypto';
import { withTenant } from '@/db/platform/client';
import { violatedConstraint } from '@/db/platform/errors';
import type { Ctx } from '@/lib/context';
import { logAccess } from '@/lib/identity/access/log-access';
import { accountHolder } from '@/lib/identity/user/account';
import { AppError } from '@/lib/kernel/errors';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { organizationColumns, slugFrom, toOrganizationView, type OrganizationRow } from './internal';
import { CreateOrganization, type OrganizationView } from './schemas';

/**
 * Creates an organization with its data key, its plan and the caller as owner. Without a `slug` one is made
 * from the name; a taken slug that the caller chose is a `conflict`.
 */
export async function createOrganization(ctx: Ctx, raw: unknown): Promise<OrganizationView> {
  const actor = accountHolder(ctx);
  const input = parseInput(CreateOrganization, raw);
  await ctx.limits.attempt('organization', actor.userId, ctx.ip);
  const made = slugFrom(input.name);
  const candidates = input.slug === undefined ? [made, `${made}-${randomInt(1000, 9999)}`, `${made}-${randomInt(10_000_000, 99_999_999)}`] : [input.slug];
  for (const [index, candidate] of candidates.entries()) {
    try {
      return await insertOrganization(ctx, actor.userId, input.name, candidate);
    } catch (error) {
      const taken = violatedConstraint(error) === 'organizations_slug_unique';
      if (!taken || index === candidates.length - 1) throw error;
    }
  }
  throw new AppError('conflict', 'This address is taken. Choose another one.');
}

async function insertOrganization(ctx: Ctx, userId: string, name: string, slug: string): Promise<OrganizationView> {
  const scope = { organizationId: newUuid(ctx.clock.now().getTime()), userId };
  const { organizationId } = scope;
  const startedMs = ctx.clock.monotonicMs();
  const { view, rows } = await withTenant(ctx.database, scope, {}, async (tx) => {
    const [row] = await tx.query<OrganizationRow>(
      `insert into organizations as o (id, public_id, name, slug, created_by, throw_away)
       values ($1, $2, $3, $4, $5, (select u.throw_away from users u where u.id = $5)) returning ${organizationColumns}`,
      [organizationId, newPublicId('organization'), name, slug, userId],
    );
    if (row === undefined) throw new Error('the organization was not inserted');
    await tx.query(`insert into memberships (organization_id, public_id, user_id, role) values ($1, $2, $3, 'owner')`, [organizationId, newPublicId('membership'), userId]);
    await tx.query(`insert into subscriptions (organization_id, plan_key) values ($1, 'free')`, [organizationId]);
    await ctx.vault.createDataKey(tx, organizationId);
    await audit(ctx, tx, { organizationId, action: 'organization.created', target: { kind: 'organization', id: row.public_id, name } });
    return { view: toOrganizationView(row, 'owner'), rows: tx.rowsTouched() };
  });
  logAccess(ctx, scope, 'organization:create', rows, startedMs);
  return view;
}
