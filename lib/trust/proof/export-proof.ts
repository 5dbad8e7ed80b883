import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { auditTarget, getProofOrThrow, signedReportOf } from './internal';
import { reportPage } from './report-page';
import { ExportProof } from './schemas';
import { readReport } from './signing';

/** The report to keep: a page for people, or what was signed for programs. Taking it away is an entry in the audit log. */
export async function exportProof(ctx: Ctx, organization: string, proof: string, raw: unknown): Promise<{ contentType: string; filename: string; body: string }> {
  return within(ctx, { organization }, 'isolation:prove', async (tx, { organizationId }) => {
    const { format } = parseInput(ExportProof, raw);
    const row = await getProofOrThrow(tx, organizationId, proof);
    const signed = await signedReportOf(tx, organizationId, row);
    if (signed === null) throw new AppError('conflict', 'This proof has no report: it has not ended, or it failed.');
    await audit(ctx, tx, { organizationId, action: 'isolation_proof.exported', target: auditTarget(row), changes: { format: { from: null, to: format } } });
    const name = `isolation-${row.created_at.toISOString().slice(0, 10)}-${row.public_id.slice(-6)}`;
    if (format === 'jws') return { contentType: 'application/jose', filename: `${name}.jws`, body: signed };
    const { report, keyId } = readReport(signed);
    return { contentType: 'text/html; charset=utf-8', filename: `${name}.html`, body: reportPage({ report, keyId, jws: signed, keysUrl: new URL('/api/v1/signing-keys', ctx.baseUrl).href }) };
  });
}
