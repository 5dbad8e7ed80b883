import type { CronItem } from 'graphile-worker';
import type { Ports } from '@/lib/context';
import { systemCtx } from '@/lib/projects/tasks';
import { refreshStale } from './refresh-deployments';

/** What the worker does for deployments beside their sagas. */
export function deploymentTasks(ports: Ports): Record<string, () => Promise<void>> {
  return {
    async 'refresh-deployments'() {
      await refreshStale(systemCtx(ports, 'reconciler'));
    },
  };
}

export const deploymentCrontab: CronItem[] = [{ task: 'refresh-deployments', match: '* * * * *', identifier: 'refresh-deployments' }];
