import { door } from '@/lib/http/door';
import { getUsage } from '@/lib/trust/usage/get-usage';
import { UsageView } from '@/lib/trust/usage/schemas';

export const usageDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/usage', tag: 'Usage', status: 200, returns: UsageView,
    summary: 'Members, projects and deployments counted against the plan',
    run: (ctx, { params }) => getUsage(ctx, params.organization),
  }),
];
