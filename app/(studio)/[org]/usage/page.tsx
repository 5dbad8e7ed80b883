import type { Metadata } from 'next';
import { orRefuse } from '@/app/(studio)/_read';
import { Card, PageBody, PageHeader } from '@/app/_ui/card';
import { Meter } from '@/app/_ui/meter';
import { pageContext, pageOrganization } from '@/lib/http/page-context';
import type { Counted } from '@/lib/trust/usage/schemas';
import { getUsage } from '@/lib/trust/usage/get-usage';

export const metadata: Metadata = { title: 'Usage and billing' };

const words: Record<Counted, { name: string; help: string }> = {
  members: { name: 'Members', help: 'People who belong to this organization. An open invitation is not counted here, yet keeps a place until it is accepted or ends.' },
  projects: { name: 'Projects', help: 'Projects that are not deleted. A deleted one gives its place back at once.' },
  deployments: { name: 'Deployments this month', help: 'Each time an app was deployed, again or back; counted by UTC.' },
};

export default async function UsagePage({ params }: { params: Promise<{ org: string }> }) {
  const [ctx, organization] = await Promise.all([pageContext(), pageOrganization((await params).org)]);
  const usage = await orRefuse(getUsage(ctx, organization.id));
  return (
    <PageBody>
      <PageHeader title="Usage and billing" description="What this organization uses of what its plan allows." />
      <Card title={`${usage.plan.name} plan`} description="Nothing is charged: this server has no payment set up.">
        <ul className="grid gap-8 sm:grid-cols-3">
          {usage.items.map((item) => (
            <li key={item.key} className="min-w-0">
              <Meter label={words[item.key].name} used={item.used} limit={item.limit} />
              <p className="mt-2 text-sm text-muted">{words[item.key].help}</p>
            </li>
          ))}
        </ul>
      </Card>
    </PageBody>
  );
}
