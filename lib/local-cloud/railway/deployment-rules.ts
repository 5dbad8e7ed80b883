import type { Deployment, DeploymentStatus } from './state';

const unfinished: readonly DeploymentStatus[] = ['QUEUED', 'INITIALIZING', 'BUILDING', 'DEPLOYING'];

export const isUnfinished = ({ status }: Deployment): boolean => unfinished.includes(status);

export function canRollback({ status, buildId }: Deployment): boolean {
  return buildId !== null && (status === 'SUCCESS' || status === 'REMOVED');
}

export function setStatus(deployment: Deployment, status: DeploymentStatus): void {
  deployment.status = status;
  deployment.statusUpdatedAt = new Date().toISOString();
}

/** Somebody asked for the end of a deployment's work. */
export class Cancelled extends Error {}

/** The app was started and never served. */
export class NotServing extends Error {
  readonly outcome: 'crashed' | 'timeout';

  constructor(outcome: 'crashed' | 'timeout', seconds: number) {
    super(outcome === 'crashed' ? 'The app ended again and again; its own log says more.' : `The app did not serve within ${seconds} seconds.`);
    this.outcome = outcome;
  }
}
