import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { listApiKeys } from '@/lib/identity/api-key/list-api-keys';
import { ApiKeysView } from './_components/api-keys-view';

export const metadata: Metadata = { title: 'API keys' };

export default async function ApiKeysPage({ params }: { params: Promise<{ org: string }> }) {
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization((await params).org)]);
  return <ApiKeysView organizationId={organization.id} mayManage={organization.rights['api_key:manage']} first={await orRefuse(listApiKeys(ctx, organization.id))} />;
}
