import type { Metadata } from 'next';
import { forbidden } from 'next/navigation';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { pageOrganization } from '@/lib/http/page-context';
import { NewProjectForm } from './_components/new-project-form';

export const metadata: Metadata = { title: 'Create project' };

export default async function NewProjectPage({ params }: { params: Promise<{ org: string }> }) {
  const organization = await pageOrganization((await params).org);
  if (!organization.rights['project:create']) forbidden();
  return (
    <PageBody width="form">
      <PageHeader title="Create project" description={`In ${organization.name}. It gets an Appwrite project of its own, with a database, files, users and a key.`} />
      <NewProjectForm organizationId={organization.id} slug={organization.slug} />
    </PageBody>
  );
}
