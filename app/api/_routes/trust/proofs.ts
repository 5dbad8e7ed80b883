import { z } from 'zod';
import { door, Raw } from '@/lib/http/door';
import { createProof } from '@/lib/trust/proof/create-proof';
import { exportProof } from '@/lib/trust/proof/export-proof';
import { getProof } from '@/lib/trust/proof/get-proof';
import { listProofs } from '@/lib/trust/proof/list-proofs';
import { ExportProof, ListProofs, ProofDetail, ProofView, SigningKeysView } from '@/lib/trust/proof/schemas';
import { listSigningKeys } from '@/lib/trust/proof/signing';

export const proofDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/isolation-proofs', tag: 'Proofs', query: ListProofs, status: 200,
    returns: z.object({ data: z.array(ProofView), next_cursor: z.string().nullable() }),
    summary: 'Proofs of isolation, newest first',
    run: (ctx, { params, query }) => listProofs(ctx, params.organization, query),
  }),
  door({
    method: 'post', path: '/organizations/{organization}/isolation-proofs', tag: 'Proofs', status: 202, returns: ProofView,
    summary: 'Let a stranger try to read the organization in every way, and sign what came of it',
    run: (ctx, { params }) => createProof(ctx, params.organization),
  }),
  door({
    method: 'get', path: '/organizations/{organization}/isolation-proofs/{proof}', tag: 'Proofs', status: 200, returns: ProofDetail,
    summary: 'One proof: how far it is, and its report',
    run: (ctx, { params }) => getProof(ctx, params.organization, params.proof),
  }),
  door({
    method: 'get', path: '/organizations/{organization}/isolation-proofs/{proof}/report', tag: 'Proofs', query: ExportProof, sends: 'text', status: 200, returns: null,
    summary: 'The signed report, as a page or as a JSON Web Signature',
    async run(ctx, { params, query }) {
      const { contentType, filename, body } = await exportProof(ctx, params.organization, params.proof, query);
      return new Raw(body, { 'content-type': contentType, 'content-disposition': `attachment; filename="${filename}"` });
    },
  }),
  door({
    method: 'get', path: '/signing-keys', tag: 'Proofs', open: true, status: 200, returns: SigningKeysView,
    summary: 'The public keys that verify signed reports, as a JSON Web Key Set',
    run: (ctx) => listSigningKeys(ctx),
  }),
];
