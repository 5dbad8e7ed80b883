import type { TenantTx } from '@/db/platform/client';
import { notFound } from '@/lib/kernel/errors';
import { publicIdPattern } from '@/lib/kernel/ids';
import { ProofView } from './schemas';

export interface ProofRow {
  id: string;
  public_id: string;
  state: string;
  requester_id: string | null;
  requester_name: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  probes_planned: number | null;
  probes_made: number;
  leaks: number;
  reason: string | null;
}

/** The signed report is read apart: it is long, and a list does not need it. */
export const selectProofs = `select p.id, p.public_id, p.state, p.created_at, p.started_at, p.finished_at, p.probes_planned, p.probes_made, p.leaks, p.reason,
    u.public_id as requester_id, u.first_name || ' ' || u.last_name as requester_name
  from isolation_proofs p
  left join users u on u.id = p.requested_by`;

export function toProofView(row: ProofRow): ProofView {
  return ProofView.parse({
    id: row.public_id,
    state: row.state,
    requested_by: row.requester_id === null ? null : { id: row.requester_id, name: row.requester_name },
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
    probes_planned: row.probes_planned,
    probes_made: row.probes_made,
    leaks: row.leaks,
    reason: row.reason,
  });
}

export async function getProofOrThrow(tx: TenantTx, organizationId: string, proof: string): Promise<ProofRow> {
  if (!publicIdPattern('isolationProof').test(proof)) throw notFound('proof');
  const [row] = await tx.query<ProofRow>(`${selectProofs} where p.organization_id = $1 and p.public_id = $2`, [organizationId, proof]);
  if (row === undefined) throw notFound('proof');
  return row;
}

export async function signedReportOf(tx: TenantTx, organizationId: string, { id }: Pick<ProofRow, 'id'>): Promise<string | null> {
  const [row] = await tx.query<{ signed_report: string | null }>('select signed_report from isolation_proofs where organization_id = $1 and id = $2', [organizationId, id]);
  return row?.signed_report ?? null;
}

export function auditTarget({ public_id: id }: Pick<ProofRow, 'public_id'>): { kind: 'isolation_proof'; id: string; name: string } {
  return { kind: 'isolation_proof', id, name: 'Proof of isolation' };
}
