import { AppError } from '@/lib/kernel/errors';

export const projectStatuses = [
  'requested', 'provisioning', 'ready', 'stuck', 'failed', 'deleting', 'deleted', 'restoring', 'purging', 'purged',
] as const;
export type ProjectStatus = (typeof projectStatuses)[number];

/** Who brings a change about: a verb that somebody asked for, or a saga or the clock by themselves. */
type By = 'person' | 'studio';

/** Which status may follow which, and by whom. What is not here does not happen. */
export const transitions: Record<ProjectStatus, Partial<Record<ProjectStatus, By>>> = {
  requested: { provisioning: 'studio', failed: 'studio', stuck: 'studio' },
  provisioning: { ready: 'studio', failed: 'studio', stuck: 'studio' },
  ready: { deleted: 'person' },
  failed: { requested: 'person', deleted: 'person' },
  stuck: { requested: 'person', deleted: 'person' },
  deleting: { deleted: 'studio' },
  deleted: { restoring: 'person', failed: 'person', purging: 'studio' },
  restoring: { ready: 'studio', deleted: 'studio' },
  purging: { purged: 'studio' },
  purged: {},
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
  return transitions[from][to] !== undefined;
}

/** For verbs: a project that a saga is about to change waits for the saga. */
export function demandTransition(from: ProjectStatus, to: ProjectStatus): void {
  if (transitions[from][to] !== 'person') throw refusal(from);
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
