import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { missingRight } from '@/app/_shell/navigation';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { CopyValue } from '@/app/_ui/code-block';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { LeaveOrganization } from './_components/leave-organization';
import { OrganizationForm } from './_components/organization-form';
import { RailwayCard } from './_components/railway-card';

export const metadata: Metadata = { title: 'Organization settings' };

export default async function OrganizationSettingsPage({ params }: { params: Promise<{ org: string }> }) {
  const { id, name, slug, subdomain, rights } = await pageOrganization((await params).org);
  const railway = rights['deployment:read'] ? await orRefuse(getRailway(await pageContext(), id)) : null;
  return (
    <PageBody width="form">
      <PageHeader title="Settings" description={`Of the organization ${name}.`} />
      <OrganizationForm organization={{ id, name, slug, subdomain }} mayUpdate={rights['organization:update']} />
      <div id="railway">
        {railway === null ? (
          <Card title="Railway">
            <p className="text-muted">{missingRight('deployment:read')}</p>
          </Card>
        ) : (
          <RailwayCard organizationId={id} railway={railway} mayManage={rights['railway:manage']} />
        )}
      </div>
      <Card title="Organization id" description="For the API.">
        <CopyValue value={id} label="organization id" />
      </Card>
      <Card title="Leave" description="You lose access to every project here at once. The last owner has to name another one first." tone="bad">
        <LeaveOrganization id={id} name={name} />
      </Card>
    </PageBody>
  );
}
