import type { TenantTx } from '@/db/platform/client';
import { railwayFailureOf, type Railway, type RailwayLogLine } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { getProjectRow } from '@/lib/projects/internal';
import { openConnectionIfAny } from '../connection/stored-connection';
import { askingRailway } from '../railway-errors';
import { getDeploymentRow } from '../stored-deployments';
import { LogsView, ReadLogs, type LogKind, type LogLine } from './schemas';

/** The newest lines of a deployment: Railway's while it has them, else those that were kept when it ended. */
export async function readLogs(ctx: Ctx, project: string, deployment: string, raw: unknown = {}): Promise<LogsView> {
  const { kind, search, limit } = parseInput(ReadLogs, raw);
  const { railwayId, railway, kept } = await within(ctx, { project }, 'deployment:read', async (tx, access) => {
    const { organizationId } = access;
    const { id: projectId } = await getProjectRow(tx, access, project);
    const row = await getDeploymentRow(tx, access, projectId, deployment);
    const stored = row.logs_kept_at === null ? null : { lines: await keptLines(tx, organizationId, row.id, kind), cut: row.logs_cut };
    const connection = row.removed ? null : await openConnectionIfAny(ctx, tx, organizationId);
    return { railwayId: row.railway_deployment_id, railway: connection === null ? null : ctx.railway.withToken(connection.token), kept: stored };
  });
  const matches = matching(search);
  const fresh = railway === null || railwayId === null ? null : await readAtRailway(railway, railwayId, { kind, limit, hasCopy: kept !== null });
  if (fresh !== null) return LogsView.parse({ lines: fresh.map(toLine).filter(matches).slice(-limit), cut: fresh.length > limit, kept: false });
  const lines = (kept?.lines ?? []).filter(matches);
  return LogsView.parse({ lines: lines.slice(-limit), cut: lines.length > limit || (kept?.cut ?? false), kept: kept !== null });
}

/** All that is at hand of one kind as text, a line each, for a file. */
export async function downloadLogs(ctx: Ctx, project: string, deployment: string, raw: unknown = {}): Promise<string> {
  const { kind } = parseInput(ReadLogs, raw);
  const { lines, cut } = await readLogs(ctx, project, deployment, { kind, limit: 5_000 });
  const text = lines.map(({ at, severity, message }) => `${at}\t${severity ?? ''}\t${message}\n`).join('');
  return cut ? `(older lines are no longer there)\n${text}` : text;
}

/** Nobody reads a longer one on a page, and a flood of them would fill the server. */
const longestLine = 16_000;

export function toLine({ timestamp, severity, message }: RailwayLogLine): LogLine {
  return { at: timestamp, severity, message: message.slice(0, longestLine) };
}

/** Null where a copy can stand in for a Railway that does not answer or has forgotten. */
async function readAtRailway(railway: Railway, railwayId: string, { kind, limit, hasCopy }: { kind: LogKind; limit: number; hasCopy: boolean }): Promise<RailwayLogLine[] | null> {
  const page = { since: null, limit: Math.min(limit + 1, 5_000) };
  try {
    return await (kind === 'build' ? railway.buildLogs(railwayId, page) : railway.runtimeLogs(railwayId, page));
  } catch (error) {
    if (hasCopy) return null;
    if (railwayFailureOf(error)?.kind === 'not_found') throw new AppError('gone', 'Railway keeps no lines of this deployment any more.', { cause: error });
    return askingRailway('deployment', Promise.reject(error));
  }
}

async function keptLines(tx: TenantTx, organizationId: string, deploymentId: string, kind: LogKind): Promise<LogLine[]> {
  const pieces = await tx.query<{ lines: [string, string | null, string][] }>(
    'select lines from deployment_logs where organization_id = $1 and deployment_id = $2 and kind = $3 order by position',
    [organizationId, deploymentId, kind],
  );
  return pieces.flatMap(({ lines }) => lines.map(([at, severity, message]) => ({ at, severity, message })));
}

function matching(search: string | undefined): (line: LogLine) => boolean {
  if (search === undefined || search === '') return () => true;
  const wanted = search.toLowerCase();
  return ({ message }) => message.toLowerCase().includes(wanted);
}
