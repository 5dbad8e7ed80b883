/** What an organization can be told of. */
export const eventTypes = [
  'project.created',
  'project.ready',
  'project.failed',
  'project.deleted',
  'project.restored',
  'key.rotated',
  'deployment.queued',
  'deployment.succeeded',
  'deployment.failed',
  'deployment.removed',
  'environment.changed',
] as const;

/** Sent by hand, to try an endpoint out; nobody subscribes to it. */
export const testEvent = 'webhook.test';

/** What webhooks subscribe to. */
export type Subscribed = (typeof eventTypes)[number];

export type EventType = Subscribed | typeof testEvent;
