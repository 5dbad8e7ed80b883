import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { migrate } from '@/db/platform/migrate';
import { removePostgres, startPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort, isPortFree } from '../../scripts/lib/ports.mjs';
import { clustersFolder } from '../support/clusters-folder';
import { waitFor } from '../support/wait-for';

const run = promisify(execFile);

export interface OwnCluster {
  urls: { owner: string; app: string; jobs: string };
  /** kill -9 of the postmaster; waits until its port is free again. */
  kill(): Promise<void>;
  /** Starts it again on the same port, or finds it running. */
  start(): Promise<void>;
  /** Takes the room that is left on its disk, until nothing fits any more. */
  fill(): Promise<void>;
  /** Gives the room back. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

/** A durable Postgres that a test may kill, with everything migrated. `diskMb` puts it on a disk of that size, which only root may make. */
export async function ownCluster({ diskMb }: { diskMb?: number } = {}): Promise<OwnCluster> {
  await mkdir(clustersFolder, { recursive: true, mode: 0o711 });
  const disk = await mkdtemp(path.join(clustersFolder, 'disk-'));
  await chmod(disk, 0o711);
  if (diskMb !== undefined) await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=0711`, 'tmpfs', disk]);
  const dataDir = path.join(disk, 'data');
  const filler = path.join(disk, 'filler');
  const port = await anyFreePort();
  let postgres = await startPostgres({ dataDir, port, durable: true });
  const { owner, app, jobs } = postgres.urls;
  await migrate({ ownerUrl: owner, appUrl: app, jobsUrl: jobs });
  return {
    urls: { owner, app, jobs },
    async kill() {
      process.kill(postgres.pid, 'SIGKILL');
      await waitFor(() => isPortFree(port), { what: 'the backends of the killed postmaster to leave', withinMs: 30_000 });
    },
    async start() {
      postgres = await startPostgres({ dataDir, port, durable: true });
    },
    async fill() {
      await writeFile(filler, '');
      // In smaller and smaller pieces: the last kilobyte counts.
      for (const bytes of [1 << 20, 1 << 16, 1 << 12]) {
        const piece = Buffer.alloc(bytes, 1);
        while (await appendFile(filler, piece).then(() => true, () => false));
      }
    },
    empty: () => rm(filler, { force: true }),
    async stop() {
      await rm(filler, { force: true });
      await postgres.stop('immediate').catch(() => undefined);
      await removePostgres(dataDir).catch(() => undefined);
      if (diskMb !== undefined) await run('umount', ['-l', disk]);
      await rm(disk, { recursive: true, force: true });
    },
  };
}
