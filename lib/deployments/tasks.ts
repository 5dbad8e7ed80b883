import type { CronItem } from 'graphile-worker';
import { z } from 'zod';
import type { Ports } from '@/lib/context';
import { systemCtx } from '@/lib/projects/tasks';
import { keepLogsOf, refreshService, refreshStale } from './refresh-deployments';

const KeepLogs = z.object({ organization_id: z.uuid(), deployment_id: z.uuid() });
const RefreshService = z.object({ organization_id: z.uuid(), service_id: z.uuid() });

/** What the worker does for deployments beside their sagas. */
export function deploymentTasks(ports: Ports): Record<string, (payload: unknown) => Promise<void>> {
  return {
    async 'refresh-service'(payload) {
      const job = RefreshService.parse(payload);
      await refreshService(systemCtx(ports, 'reconciler'), job.organization_id, job.service_id);
    },
    async 'keep-logs'(payload) {
      const job = KeepLogs.parse(payload);
      await keepLogsOf(systemCtx(ports, 'reconciler'), job.organization_id, job.deployment_id);
    },
    async 'refresh-deployments'() {
      await refreshStale(systemCtx(ports, 'reconciler'));
    },
  };
}

export const deploymentCrontab: CronItem[] = [{ task: 'refresh-deployments', match: '* * * * *', identifier: 'refresh-deployments', options: { backfillPeriod: 0, queueName: 'refresh-deployments', jobKey: 'refresh-deployments' } }];
