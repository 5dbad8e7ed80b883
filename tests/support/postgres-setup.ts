import { mkdir, mkdtemp, readdir, rm, writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { removePostgres, startPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { isSameProcess, startMark } from '../../scripts/lib/processes.mjs';
import { clustersFolder } from './clusters-folder';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { ownerUrl: string; appUrl: string; jobsUrl: string };
  }
}

type Shared = { users: number; started: ReturnType<typeof start> };
let shared: Shared | undefined;

/** One cluster for all projects of a test run: the last one to finish removes it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared ??= { users: 0, started: start() };
  const mine = shared;
  mine.users += 1;
  const { postgres, dataDir } = await mine.started;
  const { owner, app, jobs } = postgres.urls;
  project.provide('postgres', { ownerUrl: owner, appUrl: app, jobsUrl: jobs });
  return async () => {
    mine.users -= 1;
    if (mine.users > 0) return;
    shared = undefined;
    await postgres.stop('immediate');
    await remove(dataDir);
  };
}

async function start() {
  await removeAbandoned();
  await mkdir(clustersFolder, { recursive: true, mode: 0o711 });
  const dataDir = await mkdtemp(path.join(clustersFolder, 'postgres-'));
  await writeFile(path.join(dataDir, 'owner'), `${process.pid} ${await startMark(process.pid)}`);
  const postgres = await startPostgres({ dataDir, port: await anyFreePort(), durable: false });
  return { postgres, dataDir };
}

/** A run that was killed leaves its cluster running; the next run ends it. */
async function removeAbandoned(): Promise<void> {
  const names = await readdir(clustersFolder).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith('postgres-'))) {
    const dataDir = path.join(clustersFolder, name);
    const owner = await readFile(path.join(dataDir, 'owner'), 'utf8').catch(() => undefined);
    // A folder without the mark belongs to a run that is just making it.
    if (owner === undefined) continue;
    const [pid, mark] = owner.split(' ');
    if (!(await isSameProcess(Number(pid), mark))) await remove(dataDir);
  }
}

async function remove(dataDir: string): Promise<void> {
  await removePostgres(dataDir);
  await rm(dataDir, { recursive: true, force: true });
}
