import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { appFolder, BUNDLED_REPOSITORY, BuildFailure } from './build';
import type { DeployerParts } from './deploy';
import type { LogBook } from './logs';
import { freePort } from './ports';
import { App } from './run';
import type { Deployment, Instance } from './state';
import { providedVariables } from './variables';

const PATH = [path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');

/** All that builds and apps get to know: nothing of this process's own environment. */
export function environmentOf({ store, folders }: DeployerParts, deployment: Deployment, instance: Instance): Record<string, string> {
  return { PATH, HOME: folders.home(instance), ...deployment.variables, ...providedVariables(store, instance, deployment) };
}

export async function startApp(parts: DeployerParts, deployment: Deployment, instance: Instance, book: LogBook, onCrashed: (app: App) => void): Promise<App> {
  const { folders, settings, faults, store } = parts;
  if (deployment.buildId === null) throw new BuildFailure('The build is not kept any more.');
  const cwd = await appFolder(folders.build(instance, deployment.buildId), deployment);
  const port = await freePort('app');
  const command = deployment.settings.startCommand ?? (deployment.source.repo === BUNDLED_REPOSITORY ? 'exec node server.mjs' : 'npm start');
  let noted: number | undefined;
  const app: App = new App({
    command: faults.settings.crashLoop ? 'exit 1' : command,
    cwd, port, book, uid: folders.uidOf(instance),
    env: { ...environmentOf(parts, deployment, instance), PORT: String(port) },
    replicaId: randomUUID(),
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
