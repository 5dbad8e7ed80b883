import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import { listDeliveries } from '@/lib/webhooks/delivery/list-deliveries';
import { getWebhook } from '@/lib/webhooks/get-webhook';
import { WebhookDetail } from './_components/webhook-detail';

export const metadata: Metadata = { title: 'Webhook' };

export default async function WebhookPage({ params }: { params: Promise<{ org: string; webhook: string }> }) {
  const { org, webhook } = await params;
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization(org)]);
  const [first, deliveries] = await orRefuse(Promise.all([getWebhook(ctx, organization.id, webhook), listDeliveries(ctx, organization.id, webhook)]));
  const place = { organizationId: organization.id, slug: organization.slug, mayManage: organization.rights['webhook:manage'] };
  return <WebhookDetail place={place} first={first} firstDeliveries={deliveries} />;
}
