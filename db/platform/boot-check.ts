import type { Log } from '@/lib/kernel/log';
import { findViolations, type Violation } from './catalog-rules';
import { withoutTenant, type Database, type Tx } from './client';

interface BootOptions {
  mode: 'local' | 'production';
  log: Log;
  /** Connections that all processes of this installation may open together; null behind a pooler, which counts for itself. */
  connections: number | null;
}

/**
 * What a process demands of the platform database before it serves anybody: a server without known holes, a login
 * that the policies bind, every relation walled in, and room for its connections. Throws with all that is wrong.
 */
export async function assertSafe(database: Database, { mode, log, connections }: BootOptions): Promise<void> {
  const complaints = await withoutTenant(database, async (tx) => {
    const version = await checkVersion(tx, mode, log);
    if (version.length > 0) return version;
    const violations = await findViolations(tx);
    return [...violations.map(describe), ...(await checkRoom(tx, connections))];
  });
  if (complaints.length === 0) return;
  throw new Error(`The database is not safe to serve from:\n${complaints.map((line) => `  ${line}`).join('\n')}\nRun the migration as the owner, and change what it does not.`);
}

function describe({ rule, title, what }: Violation): string {
  return `${rule}: ${title}: ${what}`;
}

/** 18.6 of August 2026 closes the holes known by then; `uuidv7()` and the grants of roles need 18 at the least. */
const floor = { major: 18, number: 180_006, text: '18.6' };

async function checkVersion(tx: Tx, mode: BootOptions['mode'], log: Log): Promise<string[]> {
  const [row] = await tx.query<{ number: number; text: string }>(`select current_setting('server_version_num')::int as number, current_setting('server_version') as text`);
  if (row === undefined) throw new Error('the database does not tell its version');
  const complaint = belowFloor(row.number, row.text, mode);
  if (complaint === null) return [];
  if (complaint.fatal) return [complaint.message];
  log.warn({ version: row.text, floor: floor.text }, complaint.message);
  return [];
}

/** Exported for tests, which have one server and many versions to judge. */
export function belowFloor(number: number, text: string, mode: BootOptions['mode']): { fatal: boolean; message: string } | null {
  if (number < floor.major * 10_000) return { fatal: true, message: `R20: Postgres ${text} is too old. Use ${floor.text} or newer.` };
  if (number >= floor.number) return null;
  return { fatal: mode === 'production', message: `R20: Postgres ${text} has published holes that ${floor.text} closes.${mode === 'production' ? ' Update it.' : ' Good enough to try things out on this machine, refused in production.'}` };
}

async function checkRoom(tx: Tx, connections: number | null): Promise<string[]> {
  if (connections === null) return [];
  const [row] = await tx.query<{ most: number; reserved: number }>(
    `select current_setting('max_connections')::int as most,
            current_setting('superuser_reserved_connections')::int + current_setting('reserved_connections')::int as reserved`,
  );
  if (row === undefined) throw new Error('the database does not tell its limits');
  if (connections <= row.most - row.reserved) return [];
  return [`X24: the processes may open ${connections} connections together, and max_connections = ${row.most} leaves ${row.most - row.reserved}. Raise it, run fewer processes, or put a pooler in between.`];
}

interface Processes {
  servers: number;
  workers: number;
}

/** The sum over all processes: pools, one standing connection each (notices, presence), and one for a migration beside them. */
export function connectionsNeeded({ servers, workers }: Processes): number {
  return servers * (poolSizes.server + 1) + workers * (poolSizes.worker + poolSizes.jobs + 1) + 1;
}

/** Of one process each. `jobs` is the job runner's own pool in a worker. */
export const poolSizes = { server: 20, worker: 5, jobs: 4 } as const;
