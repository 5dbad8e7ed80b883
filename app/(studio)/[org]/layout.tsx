import type { ReactNode } from 'react';
import { Live } from '@/app/_live/live';
import { pageOrganization } from '@/lib/http/page-context';

export default async function OrganizationLayout({ children, params }: { children: ReactNode; params: Promise<{ org: string }> }) {
  const organization = await pageOrganization((await params).org);
  return (
    <>
      <Live organizationId={organization.id} />
      {children}
    </>
  );
}
