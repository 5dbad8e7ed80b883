import { randomUUID } from 'node:crypto';
import { appFolder, BUNDLED_REPOSITORY, BuildFailure } from './build';
import type { DeployerParts } from './deploy';
import type { LogBook } from './logs';
import { PROGRAMS } from './place';
import { freePort } from './ports';
import { App } from './run';
import type { Deployment, Instance } from './state';
import { providedVariables } from './variables';

/** All that builds and apps get to know: nothing of this process's own environment. */
export function environmentOf({ store, folders, rooms }: DeployerParts, deployment: Deployment, instance: Instance, run: string): Record<string, string> {
  return { PATH: PROGRAMS, HOME: folders.home(instance), ...deployment.variables, ...providedVariables(store, instance, deployment), ...rooms.markOf(run) };
}

export async function startApp(parts: DeployerParts, deployment: Deployment, instance: Instance, book: LogBook, onCrashed: (app: App) => void): Promise<App> {
  const { folders, settings, faults, store, rooms, reachable } = parts;
  if (deployment.buildId === null) throw new BuildFailure('The build is not kept any more.');
  const cwd = await appFolder(folders.build(instance, deployment.buildId), deployment);
  const port = await freePort('app');
  const command = deployment.settings.startCommand ?? (deployment.source.repo === BUNDLED_REPOSITORY ? 'exec node server.mjs' : 'npm start');
  const replicaId = randomUUID();
  const run = `${instance.id}.${replicaId}`;
  let noted: number | undefined;
  const app: App = new App({
    command: faults.settings.crashLoop ? 'exit 1' : command,
    cwd, book,
    open: () => rooms.open(instance, port, reachable),
    tidy: () => rooms.endRun(instance, run),
    env: { ...environmentOf(parts, deployment, instance, run), PORT: String(port), RAILWAY_REPLICA_ID: replicaId },
    settings: deployment.settings,
    backoffMs: settings.backoffMs,
    onProcess: async (process) => {
      // While a restart runs there are two: the older one's end must not wipe out the note of the newer one.
      if (process !== null || deployment.process?.pid === noted) deployment.process = process;
      noted = process?.pid;
      await store.save();
    },
    onCrashed: () => onCrashed(app),
  });
  return app;
}
