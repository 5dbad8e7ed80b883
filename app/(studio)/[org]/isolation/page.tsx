import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { listProofs } from '@/lib/trust/proof/list-proofs';
import { ProofsView } from './_components/proofs-view';

export const metadata: Metadata = { title: 'Isolation' };

export default async function IsolationPage({ params }: { params: Promise<{ org: string }> }) {
  const [ctx, { id, slug, rights }] = await Promise.all([pageContext(), pageOrganization((await params).org)]);
  return <ProofsView organizationId={id} slug={slug} mayProve={rights['isolation:prove']} first={await orRefuse(listProofs(ctx, id))} />;
}
