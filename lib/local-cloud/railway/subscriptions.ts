import { Bell, closable } from './bell';
import type { Call } from './call';
import { isUnfinished } from './deployment-rules';
import { momentAfter, type LogKind, type LogLine } from './logs';
import type { Deployment } from './state';
import { viewDeployment, viewLine } from './views';

interface LogInput {
  deploymentId: string;
  filter?: string | null;
  limit?: number | null;
}

type Lines = Record<string, object[]>;

const MAX_LINES = 1000;

/** The subscriptions in use. Each ends by itself when nothing more can come. */
export const subscriptions = {
  buildLogs: (input: LogInput, call: Call) => followLogs('build', 'buildLogs', input, call),
  deploymentLogs: (input: LogInput, call: Call) => followLogs('runtime', 'deploymentLogs', input, call),
  deployment: ({ id }: { id: string }, call: Call) => followDeployment(call.catalog.deployment(id), call),
};

/** The newest lines there are, `limit` of them at most, then each as it comes. */
function followLogs(kind: LogKind, field: string, { deploymentId, filter, limit }: LogInput, { catalog, deployer, store }: Call): AsyncIterableIterator<Lines> {
  const deployment = catalog.deployment(deploymentId);
  const isOver = (): boolean => !store.data.deployments.includes(deployment) || !mayWrite(deployment, kind);
  // The book of one that is over may lie on the disk alone; nobody writes into it any more.
  const book = isOver() ? undefined : deployer.journal.book(deployment, kind);
  const bell = new Bell();
  return closable(follow(), bell);

  async function* follow(): AsyncGenerator<Lines> {
    const newest = (await deployer.journal.read(deployment, kind, { limit: 1 })).at(-1)?.timestamp;
    const first = newest === undefined ? [] : await deployer.journal.read(deployment, kind, { filter: filter ?? null, limit: limit ?? null, endDate: newest });
    if (first.length > 0) yield view(first);
    if (book === undefined) return;
    const deaf = [book.listen(bell.ring), store.listen(bell.ring)];
    try {
      for (let from = newest === undefined ? deployment.createdAt : momentAfter(newest); ;) {
        // Looked up before reading: the last lines are written before the end is told.
        const over = isOver();
        const lines = book.read({ startDate: from, limit: MAX_LINES });
        const last = lines.at(-1);
        if (last !== undefined) from = momentAfter(last.timestamp);
        const wanted = lines.filter(({ message }) => message.includes(filter ?? ''));
        if (wanted.length > 0) yield view(wanted);
        if (lines.length === MAX_LINES) continue;
        if (over || !(await bell.heard())) return;
      }
    } finally {
      for (const stop of deaf) stop();
    }
  }

  function view(lines: readonly LogLine[]): Lines {
    return { [field]: lines.map((line) => viewLine(deployment, line)) };
  }
}

/** As it is, then whenever it has changed. */
function followDeployment(deployment: Deployment, { catalog, store }: Call): AsyncIterableIterator<{ deployment: object }> {
  const bell = new Bell();
  return closable(follow(), bell);

  async function* follow(): AsyncGenerator<{ deployment: object }> {
    const deaf = store.listen(bell.ring);
    try {
      for (let told = ''; store.data.deployments.includes(deployment);) {
        const view = viewDeployment(catalog, deployment);
        const text = JSON.stringify(view);
        if (text !== told) yield { deployment: view };
        told = text;
        if (!(await bell.heard())) return;
      }
    } finally {
      deaf();
    }
  }
}

/** A build's log goes on until its app serves or never will; an app's until it is replaced or has crashed. */
function mayWrite(deployment: Deployment, kind: LogKind): boolean {
  return isUnfinished(deployment) || (kind === 'runtime' && deployment.status === 'SUCCESS');
}
