import { AppError } from '@/lib/kernel/errors';

export const projectStatuses = [
  'requested', 'provisioning', 'ready', 'stuck', 'failed', 'deleting', 'deleted', 'restoring', 'purging', 'purged',
] as const;
export type ProjectStatus = (typeof projectStatuses)[number];

/** Which status may follow which. What is not here does not happen. */
export const transitions: Record<ProjectStatus, readonly ProjectStatus[]> = {
  requested: ['provisioning', 'failed', 'stuck'],
  provisioning: ['ready', 'failed', 'stuck'],
  ready: ['deleting', 'deleted'],
  failed: ['requested', 'deleted'],
  stuck: ['requested', 'deleted'],
  deleting: ['deleted'],
  deleted: ['restoring', 'failed', 'purging'],
  restoring: ['ready', 'deleted'],
  purging: ['purged'],
  purged: [],
};

/** What a person is told when the change does not fit the project's status. */
const inThatStatus: Record<ProjectStatus, string> = {
  requested: 'is still being set up',
  provisioning: 'is still being set up',
  ready: 'is ready',
  stuck: 'is stuck; retry it first',
  failed: 'could not be set up; retry it first',
  deleting: 'is being deleted',
  deleted: 'is deleted; restore it first',
  restoring: 'is being restored',
  purging: 'is being removed for good',
  purged: 'has been removed for good',
};

export function canBecome(from: ProjectStatus, to: ProjectStatus): boolean {
  return transitions[from].includes(to);
}

export function demandTransition(from: ProjectStatus, to: ProjectStatus): void {
  if (!canBecome(from, to)) throw refusal(from);
}

/** For what only a working project can do: keys, variables, data. */
export function demandReady(status: ProjectStatus): void {
  if (status !== 'ready') throw refusal(status);
}

/** Between the steps of a saga the name that Appwrite gets would be anybody's guess. */
export function demandRenamable(status: ProjectStatus): void {
  if (status !== 'ready' && status !== 'failed' && status !== 'stuck') throw refusal(status);
}

function refusal(status: ProjectStatus): AppError {
  const gone = status === 'purged' || status === 'purging';
  return new AppError(gone ? 'gone' : 'conflict', `The project ${inThatStatus[status]}. Nothing was changed.`);
}
