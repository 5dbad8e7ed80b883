import { setTimeout as sleep } from 'node:timers/promises';
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
const recheckMs = 5_000;
/** Between looks at a deployment that Railway does not have yet, and before a broken line to Railway is made anew. */
const againMs = 1_000;

/**
 * The lines of a deployment from a cursor on, and then each as it is written, until the deployment or the right to see
 * it ends. A cursor is the time of the last line that was seen. Answers batches; an empty one says that nothing came.
 */
export async function* followLogs(ctx: Ctx, project: string, deployment: string, raw: unknown, signal: AbortSignal): AsyncGenerator<LogLine[]> {
  const { kind, since } = parseInput(FollowLogs, raw);
  let last = since ?? '';
  const newer = (lines: readonly LogLine[]): LogLine[] => {
    const fresh = lines.filter(({ at }) => at > last);
    last = fresh.at(-1)?.at ?? last;
    return fresh;
  };
  while (!signal.aborted) {
    const place = await look(ctx, project, deployment);
    if (place.railway !== null && place.railwayId !== null && !place.ended) {
      yield* newest(place.railway, place.railwayId, kind, { newer, last: () => last, signal, stillOpen: async () => !(await look(ctx, project, deployment)).ended });
    } else {
      yield newer((await readLogs(ctx, project, deployment, { kind, limit: 5_000 })).lines);
    }
    if ((await look(ctx, project, deployment)).ended) {
      yield newer((await readLogs(ctx, project, deployment, { kind, limit: 5_000 })).lines);
      return;
    }
    await sleep(againMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Reading {
  newer: (lines: readonly LogLine[]) => LogLine[];
  last: () => string;
  signal: AbortSignal;
  stillOpen: () => Promise<boolean>;
}

/** Subscribes before it reads what is there already, so that no line falls between the two. */
async function* newest(railway: Railway, railwayId: string, kind: LogKind, { newer, last, signal, stillOpen }: Reading): AsyncGenerator<LogLine[]> {
  const queue = new LineQueue();
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const subscription = railway.followLogs(railwayId, kind, (lines) => queue.add(lines.map(toLine)), either).finally(() => queue.close());
  // Its failure is heard when it is awaited, and until then belongs to nobody.
  subscription.catch(() => undefined);
  try {
    const page = { since: last() === '' ? null : last(), limit: last() === '' ? 1_000 : 5_000 };
    const earlier = kind === 'build' ? await railway.buildLogs(railwayId, page) : await railway.runtimeLogs(railwayId, page);
    yield newer(earlier.map(toLine));
    let checkedAtMs = performance.now();
    while (!queue.ended && !signal.aborted) {
      yield newer(await queue.take(recheckMs, either));
      if (performance.now() - checkedAtMs < recheckMs) continue;
      checkedAtMs = performance.now();
      if (!(await stillOpen())) return;
    }
  } finally {
    ending.abort();
  }
}

async function look(ctx: Ctx, project: string, deployment: string): Promise<{ railwayId: string | null; railway: Railway | null; ended: boolean }> {
  return within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { id: projectId } = await getProjectRow(tx, access, project);
    const row = await getDeploymentRow(tx, access, projectId, deployment);
    const ended = !isMoving(row.status) && !isLive(row);
    const railway = ended || row.railway_deployment_id === null ? null : ctx.railway.withToken((await openConnection(ctx, tx, access.organizationId)).token);
    return { railwayId: row.railway_deployment_id, railway, ended };
  });
}
