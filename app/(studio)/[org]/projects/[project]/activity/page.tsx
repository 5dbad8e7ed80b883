import type { Metadata } from 'next';
import { AuditTable } from '@/app/(studio)/_components/audit-table';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { pageContext } from '@/lib/http/page-context';
import { listAudit } from '@/lib/trust/audit/list-audit';

export const metadata: Metadata = { title: 'Activity' };

export default async function ActivityPage({ params }: { params: Promise<{ project: string }> }) {
  const project = await orRefuse(pageProject((await params).project));
  const first = await orRefuse(listAudit(await pageContext(), project.organization_id, { target: project.id }));
  return (
    <PageBody>
      <PageHeader title="Activity" description="Who changed this project, newest first. The organization's audit log has everything else." />
      <AuditTable organizationId={project.organization_id} filters={{ target: project.id }} first={first} />
    </PageBody>
  );
}
