import { rights, type Right } from '@/lib/identity/access/policy';

/** Everything that is written to the log after it happened: noun and verb in the past. */
export const actions = [
  'user.registered',
  'user.email_verified',
  'user.updated',
  'user.password_changed',
  'user.password_reset',
  'session.opened',
  'session.refused',
  'session.stepped_up',
  'session.closed',
  'session.revoked',
  'session.others_revoked',
  'organization.created',
  'organization.updated',
  'member.role_changed',
  'member.removed',
  'member.left',
  'invitation.sent',
  'invitation.resent',
  'invitation.revoked',
  'invitation.accepted',
  'project.created',
  'project.updated',
  'project.provisioned',
  'project.provisioning_failed',
  'project.stuck',
  'project.retried',
  'project.deleted',
  'project.restored',
  'project.reopened',
  'project.purge_started',
  'project.purged',
  'project.unhealthy',
  'project.recovered',
  'key.created',
  'key.rotated',
  'key.revoked',
  'key.retired',
  'platform.added',
  'platform.added_failed',
  'platform.removed',
  'platform.removed_failed',
  'env.exported',
  'env.changed',
  'env.copied',
  'environment.created',
  'environment.removed',
  'railway.connected',
  'railway.disconnected',
  'railway.hook_created',
  'railway.hook_replaced',
  'railway.hook_removed',
  'deployment.created',
  'deployment.succeeded',
  'deployment.failed',
  'deployment.restart_requested',
  'deployment.restarted',
  'deployment.stop_requested',
  'deployment.stopped',
  'deployment.cancel_requested',
  'deployment.cancelled',
  'service.removal_started',
  'service.removed',
  'drift.resolved',
  'api_key.created',
  'api_key.revoked',
  'webhook.created',
  'webhook.updated',
  'webhook.secret_rotated',
  'webhook.disabled',
  'webhook.deleted',
  'webhook.tested',
  'webhook.replayed',
  'audit_log.exported',
  'isolation_proof.requested',
  'isolation_proof.finished',
  'isolation_proof.failed',
  'isolation_proof.exported',
] as const;

export type Action = (typeof actions)[number];

type Dotted<Name extends string> = Name extends `${infer Noun}:${infer Verb}` ? `${Noun}.${Verb}` : never;

/** What was tried and refused: the right that was missing, or an invitation that was somebody else's. */
export type Attempt = Dotted<Right> | 'invitation.accept';

export function attemptOf(right: Right): Attempt {
  return right.replace(':', '.') as Attempt;
}

const attempts: readonly string[] = [...rights.map(attemptOf), 'invitation.accept'];
const names: ReadonlySet<string> = new Set([...actions, ...attempts].flatMap((name) => [name, name.slice(0, name.indexOf('.'))]));

/** The actions and attempts that a filter stands for: itself, or all that its noun begins. */
export function actionsOf(filter: string): string[] {
  return [...actions, ...attempts].filter((name) => name === filter || name.startsWith(`${filter}.`));
}

/** True for an action, an attempt, or the noun that begins one. */
export function isActionFilter(text: string): boolean {
  return names.has(text);
}
