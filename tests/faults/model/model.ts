import type { SagaName } from '../matrix/scenarios';

/** `requested` stands for `provisioning` too: when the first becomes the second is nobody's business. */
export type Status = 'requested' | 'ready' | 'failed' | 'stuck' | 'deleted' | 'restoring' | 'purging' | 'purged';

/** All that the model knows of a project. */
export interface Project {
  id: string;
  name: string;
  tenant: 0 | 1;
  status: Status;
  hasLived: boolean;
  /** The time for restoring it is over. A restoring that was asked for in time and failed leaves some days more, however long it took. */
  expired: boolean;
  open: SagaName | null;
  /** Something happened that may end the open saga without success: Appwrite was away, refused for good, or it took too long. */
  troubled: boolean;
}

export interface Model {
  projects: Project[];
  appwriteUp: boolean;
}

export type Verb = 'rename' | 'delete' | 'restore' | 'retry';

/** What a verb has to answer. */
export function answerTo(verb: Verb, { status, open, hasLived, expired }: Project): 'ok' | 'conflict' | 'gone' {
  const refusal = status === 'purging' || status === 'purged' ? 'gone' : 'conflict';
  switch (verb) {
    case 'rename':
    case 'delete':
      return status === 'ready' || status === 'failed' || status === 'stuck' ? 'ok' : refusal;
    case 'restore':
      if (status !== 'deleted') return refusal;
      if (expired) return 'gone';
      return hasLived && open !== null ? 'conflict' : 'ok';
    case 'retry':
      return status === 'requested' || status === 'failed' || status === 'stuck' ? 'ok' : refusal;
  }
}

/** What a verb that was answered `ok` has changed. */
export function apply(verb: Verb, project: Project, newName: string): void {
  const { status, hasLived } = project;
  switch (verb) {
    case 'rename':
      if (status === 'ready' && newName !== project.name) begin(project, 'rename', project.open === 'rename' ? project.troubled : false);
      project.name = newName;
      return;
    case 'delete':
      Object.assign(project, { status: 'deleted' });
      if (status === 'ready') begin(project, 'silence');
      return;
    case 'restore':
      Object.assign(project, { status: hasLived ? 'restoring' : 'failed' });
      if (hasLived) begin(project, 'restore');
      return;
    case 'retry':
      if (status === 'requested') return;
      Object.assign(project, { status: 'requested' });
      begin(project, 'provision');
  }
}

export function begin(project: Project, saga: SagaName, troubled = false): void {
  Object.assign(project, { open: saga, troubled });
}

/** What is seen of a project from outside. */
export interface Seen {
  status: Status;
  open: SagaName | null;
}

/** Where a worker may leave a project whose saga is open. Everything else is a violation. */
export function mayBecome({ status, open, troubled }: Project): Seen[] {
  const stays = { status, open };
  switch (open) {
    case null:
      return [stays];
    case 'provision':
      return [stays, { status: 'ready', open: null }, ...(troubled ? [{ status: 'failed' as const, open: null }, { status: 'stuck' as const, open: null }] : [])];
    case 'rename':
      return [stays, { status, open: null }];
    case 'silence':
      return [stays, { status, open: null }];
    case 'restore':
      return [stays, { status: 'ready', open: null }, ...(troubled ? [{ status: 'deleted' as const, open: 'silence' as const }, { status: 'deleted' as const, open: null }] : [])];
    case 'purge':
      return [stays, { status: 'purged', open: null }, ...(troubled ? [{ status, open: null }] : [])];
  }
}

/** What the clock's own jobs may begin. */
export function mayBegin({ status, open, expired }: Project): Seen[] {
  const stays = { status, open };
  if (open !== null) return [stays];
  if (status === 'deleted') return expired ? [{ status: 'purging', open: 'purge' }] : [stays, { status, open: 'silence' }];
  if (status === 'purging') return [stays, { status, open: 'purge' }];
  return [stays];
}
