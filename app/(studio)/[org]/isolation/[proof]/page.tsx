import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { Notice } from '@/app/_ui/badge';
import { buttonClass } from '@/app/_ui/button';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { getProof } from '@/lib/trust/proof/get-proof';
import { reachedTitle } from '@/lib/trust/proof/report-page';
import type { ProofDetail, ProofReport } from '@/lib/trust/proof/schemas';
import { OpenProof } from '../_components/open-proof';
import { ProofResult } from '../_components/proof-result';
import { TriedTable } from '../_components/tried-table';

export const metadata: Metadata = { title: 'Proof of isolation' };

export default async function ProofPage({ params }: { params: Promise<{ org: string; proof: string }> }) {
  const { org, proof: id } = await params;
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization(org)]);
  const proof = await orRefuse(getProof(ctx, organization.id, id));
  const path = `/organizations/${organization.id}/isolation-proofs/${proof.id}`;
  return (
    <PageBody>
      <PageHeader title="Proof of isolation" badge={<ProofResult of={proof} />} description={described(proof)} actions={proof.report === null ? undefined : <Downloads path={`/api/v1${path}/report`} />} />
      {proof.state === 'failed' && (
        <Notice tone="warn" title="The proof did not come to its end">
          {proof.reason}
        </Notice>
      )}
      {proof.report === null ? proof.state !== 'failed' && <OpenProof path={path} first={proof} /> : <Report report={proof.report} keyId={proof.signed_with} />}
    </PageBody>
  );
}

function described({ created_at: at, requested_by: requester }: ProofDetail): string {
  return `Asked for by ${requester?.name ?? 'somebody who has left'} on ${at.slice(0, 10)} at ${at.slice(11, 16)} UTC.`;
}

function Downloads({ path }: { path: string }) {
  return [
    ['html', 'Report'],
    ['jws', 'Signed JSON'],
  ].map(([format, words]) => (
    <a key={format} download href={`${path}?format=${format}`} className={buttonClass()}>
      <Icon name="download" /> {words}
    </a>
  ));
}

const mostShown = 20;

function Report({ report, keyId }: { report: ProofReport; keyId: string | null }) {
  const number = (value: number) => value.toLocaleString('en');
  return (
    <>
      <Card title={report.leaks === 0 ? 'The stranger could reach nothing' : 'The stranger reached something'}>
        <p>
          {number(report.probes)} probes were made, and each answer was searched for {number(report.searched_for)} ids of this organization. {report.leaks === 0 ? 'None was found.' : `${report.leaks === 1 ? 'One of them found one' : `${number(report.leaks)} of them found one`}.`}
        </p>
        {report.found.length > 0 && (
          <>
            <p className="mt-2">Give the report to whoever runs this Studio: a wall between organizations is open, and it names where.</p>
            <h3 className="mt-3 font-medium">{reachedTitle(report, Math.min(report.found.length, mostShown))}</h3>
            <ul className="mt-1 list-disc space-y-1 pl-5 font-mono text-sm break-words text-bad">
              {report.found.slice(0, mostShown).map(({ object, actor, probe, saw }) => (
                <li key={`${object} ${actor} ${probe} ${saw}`}>
                  {object}, {probe}, as {actor}: {saw}
                </li>
              ))}
            </ul>
          </>
        )}
        <p className="mt-3 text-sm text-muted">
          Pages, live streams and the gateway to Appwrite are tried by the test suites of Studio, not by a proof. Signed with the Ed25519 key <code className="font-mono break-all">{keyId}</code>, which <code className="font-mono">/api/v1/signing-keys</code> publishes. Any JOSE library verifies the signed JSON with it.
        </p>
      </Card>
      <Card title="Who tried">
        <ul className="space-y-1">
          {report.actors.map(({ part, name, description }) => (
            <li key={`${part} ${name}`}>
              <span className="font-medium">{name}</span> <span className="text-muted">{description}</span>
            </li>
          ))}
        </ul>
      </Card>
      <TriedTable title="Addresses of the API" rows={report.api} />
      <TriedTable title="Tables of the database" rows={report.database} />
    </>
  );
}
