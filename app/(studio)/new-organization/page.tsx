import type { Metadata } from 'next';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { pageOrganizations } from '@/lib/http/page-context';
import { NewOrganizationForm } from './_components/new-organization-form';

export const metadata: Metadata = { title: 'Create organization' };

export default async function NewOrganizationPage() {
  const first = (await pageOrganizations()).length === 0;
  return (
    <PageBody width="form">
      <PageHeader
        title={first ? 'Create your first organization' : 'Create organization'}
        description="It holds your projects and the people who work on them. Nothing in it can be seen from another organization."
      />
      <NewOrganizationForm />
    </PageBody>
  );
}
