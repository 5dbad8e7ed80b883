import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { TextLink } from '@/app/_ui/text-link';
import { paths } from '@/lib/paths';
import type { ProofView } from '@/lib/trust/proof/schemas';
import { ProofResult } from './proof-result';

export function ProofTable({ slug, proofs }: { slug: string; proofs: readonly ProofView[] }) {
  return (
    <Table label="Proofs of isolation">
      <HeadRow>
        <HeadCell>When</HeadCell>
        <HeadCell>Result</HeadCell>
        <HeadCell className="hidden text-right @md:table-cell">Probes</HeadCell>
        <HeadCell className="hidden @lg:table-cell">Asked for by</HeadCell>
      </HeadRow>
      <tbody>
        {proofs.map((proof) => (
          <tr key={proof.id}>
            <td className="whitespace-nowrap">
              <TextLink href={paths.proof(slug, proof.id)}>
                <RelativeTime at={proof.created_at} />
              </TextLink>
            </td>
            <td>
              <ProofResult of={proof} />
            </td>
            <td className="hidden text-right @md:table-cell">{proof.probes_made.toLocaleString('en')}</td>
            <td className="hidden max-w-48 truncate @lg:table-cell">{proof.requested_by?.name ?? 'Somebody who has left'}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
