import type { Railway, RailwayLogLine } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { logKinds, type LogKind } from './schemas';

/** Newest lines that are kept of each kind. */
const keptLines = 2_000;
/** A row of them stays small enough to be read at once. */
const linesPerPiece = 500;
const longestLine = 4_000;

interface Ended {
  organizationId: string;
  deploymentId: string;
  railwayId: string;
}

/** Keeps the last lines of a deployment that has ended, in the place of those kept before. Without them a failure could not be read later. */
export async function keepLogs(ctx: Ctx, railway: Railway, { organizationId, deploymentId, railwayId }: Ended): Promise<void> {
  // One more than is kept tells whether there were more.
  const wanted = { since: null, limit: keptLines + 1 };
  const [build, runtime] = await Promise.all([railway.buildLogs(railwayId, wanted), railway.runtimeLogs(railwayId, wanted)]);
  const lines: Record<LogKind, RailwayLogLine[]> = { build, runtime };
  // Railway has forgotten them: what was kept before stays.
  if (build.length + runtime.length === 0) return;
  await within(ctx, { organizationId }, 'project:update', async (tx) => {
    await tx.query('delete from deployment_logs where organization_id = $1 and deployment_id = $2', [organizationId, deploymentId]);
    for (const kind of logKinds) {
      const kept = lines[kind].slice(-keptLines).map(({ timestamp, severity, message }) => [timestamp, severity, whole(message.slice(0, longestLine))]);
      for (let at = 0; at < kept.length; at += linesPerPiece) {
        await tx.query('insert into deployment_logs (organization_id, deployment_id, kind, position, lines) values ($1, $2, $3, $4, $5)', [
          organizationId, deploymentId, kind, at / linesPerPiece, storable(JSON.stringify(kept.slice(at, at + linesPerPiece))),
        ]);
      }
    }
    const cut = logKinds.some((kind) => lines[kind].length > keptLines);
    await tx.query('update deployments set logs_kept_at = clock_timestamp(), logs_cut = $3 where organization_id = $1 and id = $2', [organizationId, deploymentId, cut]);
  });
}

/** A cut in the middle of a character leaves half of it, which is no text. */
function whole(text: string): string {
  return Buffer.from(text).toString();
}

/** Postgres takes no zero character in JSON, and apps print what they like. */
function storable(json: string): string {
  return json.replaceAll('\\u0000', '\\ufffd');
}
