import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { listAudit } from '@/lib/trust/audit/list-audit';
import { AuditView } from './_components/audit-view';

export const metadata: Metadata = { title: 'Audit log' };

export default async function AuditPage({ params }: { params: Promise<{ org: string }> }) {
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization((await params).org)]);
  return <AuditView organizationId={organization.id} mayExport={organization.rights['audit:export']} first={await orRefuse(listAudit(ctx, organization.id))} />;
}
