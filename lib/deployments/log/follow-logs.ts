import { setTimeout as sleep } from 'node:timers/promises';
import { compareTimestamps } from '@/lib/adapters/railway/graphql/timestamps';
import type { Railway } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { getProjectRow } from '@/lib/projects/internal';
import { openConnection } from '../connection/stored-connection';
import { getDeploymentRow, isLive, isMoving } from '../stored-deployments';
import { LineQueue } from './line-queue';
import { readLogs, toLine } from './read-logs';
import { FollowLogs, type LogKind, type LogLine } from './schemas';

/** How long a session that ended, or a role that was taken away, still sees lines. */
const freshMs = 800;
/** Where no lines come it is looked this often whether the deployment and the right are still there. */
const recheckMs = 5_000;
/** Between looks at a deployment that Railway does not have yet, and before a broken line to Railway is made anew; doubles while it breaks at once. */
const againMs = 1_000;
const longestPauseMs = 30_000;

/**
 * The lines of a deployment from a cursor on, and then each as it is written, until the deployment or the right to see
 * it ends. A cursor is the time of the last line that was seen. Answers batches; an empty one says that nothing came.
 */
export async function* followLogs(ctx: Ctx, project: string, deployment: string, raw: unknown, signal: AbortSignal): AsyncGenerator<LogLine[]> {
  const { kind, since } = parseInput(FollowLogs, raw);
  const cursor = new Cursor(since);
  let pauseMs = againMs;
  while (!signal.aborted) {
    const place = await look(ctx, project, deployment, kind);
    const beganAtMs = performance.now();
    if (place.railway !== null && place.railwayId !== null && !place.ended) {
      const stillOpen = async () => !(await look(ctx, project, deployment, kind)).ended;
      yield* newest(place.railway, place.railwayId, kind, { cursor, signal, stillOpen });
    } else {
      yield cursor.newer((await readLogs(ctx, project, deployment, { kind, limit: 5_000 })).lines);
    }
    if ((await look(ctx, project, deployment, kind)).ended) {
      yield cursor.newer((await readLogs(ctx, project, deployment, { kind, limit: 5_000 })).lines);
      return;
    }
    pauseMs = performance.now() - beganAtMs > longestPauseMs || place.railwayId === null ? againMs : Math.min(pauseMs * 2, longestPauseMs);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Which lines were seen: those before a moment, and some of that moment itself. */
class Cursor {
  #last: string;
  #ofLast = new Set<string>();

  constructor(since: string | undefined) {
    this.#last = since ?? '';
  }

  get last(): string | null {
    return this.#last === '' ? null : this.#last;
  }

  newer(lines: readonly LogLine[]): LogLine[] {
    const fresh: LogLine[] = [];
    for (const line of lines) {
      const order = this.#last === '' ? 1 : compareTimestamps(line.at, this.#last);
      // After a reconnection nothing is known of the cursor's own moment but that it was seen.
      if (order < 0 || (order === 0 && (this.#ofLast.size === 0 || this.#ofLast.has(line.message)))) continue;
      if (order > 0) this.#ofLast = new Set();
      this.#ofLast.add(line.message);
      this.#last = line.at;
      fresh.push(line);
    }
    return fresh;
  }
}

interface Reading {
  cursor: Cursor;
  signal: AbortSignal;
  stillOpen: () => Promise<boolean>;
}

/** Subscribes before it reads what is there already, so that no line falls between the two. */
async function* newest(railway: Railway, railwayId: string, kind: LogKind, { cursor, signal, stillOpen }: Reading): AsyncGenerator<LogLine[]> {
  const queue = new LineQueue();
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const subscription = railway.followLogs(railwayId, kind, (lines) => queue.add(lines.map(toLine)), either).finally(() => queue.close());
  // Its failure is heard when it is awaited, and until then belongs to nobody.
  subscription.catch(() => undefined);
  try {
    const page = { since: cursor.last, limit: cursor.last === null ? 1_000 : 5_000 };
    const earlier = kind === 'build' ? await railway.buildLogs(railwayId, page) : await railway.runtimeLogs(railwayId, page);
    yield cursor.newer(earlier.map(toLine));
    let checkedAtMs = performance.now();
    while (!queue.ended && !signal.aborted) {
      const lines = await queue.take(recheckMs, either);
      const nowMs = performance.now();
      if (nowMs - checkedAtMs > freshMs) {
        if (!(await stillOpen())) return;
        checkedAtMs = nowMs;
      }
      yield cursor.newer(lines);
    }
  } finally {
    ending.abort();
  }
}

async function look(ctx: Ctx, project: string, deployment: string, kind: LogKind): Promise<{ railwayId: string | null; railway: Railway | null; ended: boolean }> {
  return within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { id: projectId } = await getProjectRow(tx, access, project);
    const row = await getDeploymentRow(tx, access, projectId, deployment);
    // A build has written its last line when it is up; what runs writes until it is gone.
    const ended = !isMoving(row.status) && (kind === 'build' || !isLive(row));
    const railway = ended || row.railway_deployment_id === null ? null : ctx.railway.withToken((await openConnection(ctx, tx, access.organizationId)).token);
    return { railwayId: row.railway_deployment_id, railway, ended };
  });
}
