import type { TenantTx } from '@/db/platform/client';
import { violatedConstraint } from '@/db/platform/errors';
import { enqueue } from '@/db/platform/outbox';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { audit } from '@/lib/trust/audit/record';
import { auditTarget, getProofOrThrow, toProofView } from './internal';
import type { ProofView } from './schemas';

/** Far longer than any proof takes. */
const lostAfterHours = 1;

/** Asks for a proof. The worker makes a stranger with an organization of their own, who tries to reach this one. */
export async function createProof(ctx: Ctx, organization: string): Promise<ProofView> {
  await ctx.limits.attempt('proof', actorId(ctx.actor), ctx.ip);
  try {
    return await within(ctx, { organization }, 'isolation:prove', async (tx, { organizationId }) => {
      await endLost(ctx, tx, organizationId);
      const [id, publicId] = [newUuid(), newPublicId('isolationProof')];
      await tx.query('insert into isolation_proofs (organization_id, id, public_id, requested_by) values ($1, $2, $3, $4)', [organizationId, id, publicId, actorId(ctx.actor)]);
      const row = await getProofOrThrow(tx, organizationId, publicId);
      await audit(ctx, tx, { organizationId, action: 'isolation_proof.requested', target: auditTarget(row) });
      await enqueue(tx, 'prove-isolation', { proof_id: id }, { jobKey: `prove-isolation:${id}` });
      return toProofView(row);
    });
  } catch (error) {
    if (violatedConstraint(error) !== 'isolation_proofs_open_key') throw error;
    throw new AppError('conflict', 'A proof is under way already. Wait until it has ended.', { cause: error });
  }
}

/** One whose job is lost would keep the next one out for ever. */
async function endLost(ctx: Ctx, tx: TenantTx, organizationId: string): Promise<void> {
  const reason = 'It did not come to its end, and nothing is proven. Start it again.';
  const [lost] = await tx.query<{ public_id: string }>(
    `update isolation_proofs set state = 'failed', finished_at = now(), reason = $3
      where organization_id = $1 and state in ('queued', 'running') and created_at < now() - $2 * interval '1 hour' returning public_id`,
    [organizationId, lostAfterHours, reason],
  );
  if (lost !== undefined) await audit(ctx, tx, { organizationId, action: 'isolation_proof.failed', target: auditTarget(lost), reason });
}
