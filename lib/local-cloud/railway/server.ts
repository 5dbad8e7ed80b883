import { getRequestListener } from '@hono/node-server';
import { createServer } from 'node:http';
import { Accounts } from './accounts';
import { AppFolders } from './app-folders';
import { createApp } from './app';
import { BUNDLED_REPOSITORY } from './build';
import { Deployer } from './deploy';
import { listen } from '../listen';
import { Faults } from './faults';
import { Fleet } from './fleet';
import { defaultSettings, type Settings } from './settings';
import { Store } from './state';

export interface RailwayStandInOptions {
  /** Folder for the state and the apps. Every folder above it must let other users pass, or apps cannot reach theirs. */
  dataDir: string;
  mode: 'local' | 'production';
  log: (line: string) => void;
  /** Each is an account of its own with one workspace. */
  tokens: readonly string[];
  /** The app that `studio/example-notes` stands for. */
  exampleDir: string;
  /** Other folders on this machine that stand for repositories, by name; as trusted as the example. */
  localRepositories?: Readonly<Record<string, string>>;
  /** Opens the control route `/_faults`; the `faults` object works either way. */
  allowFaults?: boolean;
  /** Whether apps get users of their own; by itself when this process is root. */
  switchUsers?: boolean;
  settings?: Partial<Settings>;
}

export interface RailwayStandIn {
  /** The API is `/graphql/v2` below the URL. */
  listen(port: number, host?: string): Promise<{ url: string; close(): Promise<void> }>;
  faults: Faults;
  /** Ends apps and their addresses; listening servers are closed by their own `close`. */
  stop(): Promise<void>;
}

/**
 * A development server that answers like Railway for the part of it that Studio uses, and runs apps on this machine.
 * It refuses to run in production: apps share this machine's network with everything else on it, and the variables of
 * services lie in its state file in plain text.
 */
export async function createRailwayStandIn(options: RailwayStandInOptions): Promise<RailwayStandIn> {
  const { log } = options;
  if (options.mode === 'production') throw new Error('The local Railway stand-in is for development only: connect a real Railway account.');
  log('Local Railway stand-in: a development server that answers like Railway and runs apps on this machine. Not Railway, not for production.');

  const switchesUsers = options.switchUsers ?? process.getuid?.() === 0;
  if (!switchesUsers) log(`Local Railway stand-in: not root, so apps run as this user and can read what it can; only ${BUNDLED_REPOSITORY} is deployed.`);
  const store = await Store.open(options.dataDir);
  const folders = new AppFolders(options.dataDir, switchesUsers);
  const obstacle = await folders.open();
  if (obstacle !== undefined) log(`Local Railway stand-in: apps cannot be run, because ${obstacle}.`);

  const faults = new Faults();
  const fleet = new Fleet(log);
  const sources = { exampleDir: options.exampleDir, localRepositories: options.localRepositories ?? {} };
  const deployer = new Deployer({ dataDir: options.dataDir, store, folders, fleet, faults, sources, log, obstacle, settings: { ...defaultSettings, ...options.settings } });
  await deployer.resume();
  const app = createApp({ store, deployer, fleet, faults, log, accounts: new Accounts(options.tokens), allowFaults: options.allowFaults === true });
  return {
    listen: (port, host = '127.0.0.1') => listen(createServer(getRequestListener((request, bindings) => app.fetch(request, bindings))), port, host),
    faults,
    stop: () => deployer.end(),
  };
}
