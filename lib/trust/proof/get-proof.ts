import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { getProofOrThrow, signedReportOf, toProofView } from './internal';
import { ProofDetail } from './schemas';
import { readReport } from './signing';

/** One proof with what its report says. */
export async function getProof(ctx: Ctx, organization: string, proof: string): Promise<ProofDetail> {
  return within(ctx, { organization }, 'isolation:read', async (tx, { organizationId }) => {
    const row = await getProofOrThrow(tx, organizationId, proof);
    const signed = await signedReportOf(tx, organizationId, row);
    const read = signed === null ? null : readReport(signed);
    return ProofDetail.parse({ ...toProofView(row), report: read?.report ?? null, signed_with: read?.keyId ?? null });
  });
}
