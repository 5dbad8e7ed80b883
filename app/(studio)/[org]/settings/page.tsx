import type { Metadata } from 'next';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { CopyValue } from '@/app/_ui/code-block';
import { pageOrganization } from '@/lib/http/page-context';
import { LeaveOrganization } from './_components/leave-organization';
import { OrganizationForm } from './_components/organization-form';

export const metadata: Metadata = { title: 'Organization settings' };

export default async function OrganizationSettingsPage({ params }: { params: Promise<{ org: string }> }) {
  const { id, name, slug, subdomain, rights } = await pageOrganization((await params).org);
  return (
    <PageBody width="form">
      <PageHeader title="Settings" description={`Of the organization ${name}.`} />
      <OrganizationForm organization={{ id, name, slug, subdomain }} mayUpdate={rights['organization:update']} />
      <Card title="Organization id" description="For the API.">
        <CopyValue value={id} label="organization id" />
      </Card>
      <Card title="Leave" description="You lose access to every project here at once. The last owner has to name another one first." tone="bad">
        <LeaveOrganization id={id} name={name} />
      </Card>
    </PageBody>
  );
}
