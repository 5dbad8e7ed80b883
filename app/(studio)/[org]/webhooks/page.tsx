import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { listWebhooks } from '@/lib/webhooks/list-webhooks';
import { WebhooksView } from './_components/webhooks-view';

export const metadata: Metadata = { title: 'Webhooks' };

export default async function WebhooksPage({ params }: { params: Promise<{ org: string }> }) {
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization((await params).org)]);
  const place = { organizationId: organization.id, slug: organization.slug, mayManage: organization.rights['webhook:manage'] };
  return <WebhooksView place={place} first={await orRefuse(listWebhooks(ctx, organization.id))} />;
}
