import type { TenantTx } from '@/db/platform/client';
import { enqueue } from '@/db/platform/outbox';

/** Asks a job to see what Railway says of a service's deployments. There is one for each service; asking again moves it. */
export async function lookSoon(tx: TenantTx, serviceId: string, afterMs = 0): Promise<void> {
  await enqueue(tx, 'refresh-service', { service_id: serviceId }, { jobKey: `refresh:${serviceId}`, ...(afterMs === 0 ? {} : { afterMs }) });
}

/** Asks a job to keep the last lines of a deployment. */
export async function keepLogsSoon(tx: TenantTx, deploymentId: string): Promise<void> {
  await enqueue(tx, 'keep-logs', { deployment_id: deploymentId }, { jobKey: `logs:${deploymentId}` });
}
