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
import { endNoted } from './processes';
import { Rooms } from './rooms';
import { Sandbox } from './sandbox';
import { acceptSubscriptions } from './sockets';
import { Store } from './state';
import { UidBlock } from './uid-block';
import { nextUid } from './uids';

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
  /** Whether apps get namespaces of their own; by itself when they get users and the system allows it. */
  isolate?: boolean;
  /** URLs that apps may reach where their network is closed; of a plain one only its path and what lies below. */
  reachable?: readonly string[];
  /** Folders of the platform, of which apps with namespaces of their own see nothing. */
  hidden?: readonly string[];
  /** Where builds get packages; what npm is set up to use when it is absent. */
  packageRegistry?: string;
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
 * It refuses to run in production: where it is not root, or namespaces are not to be had, apps reach what this machine
 * reaches, and the variables of services lie in its state file in plain text.
 */
export async function createRailwayStandIn(options: RailwayStandInOptions): Promise<RailwayStandIn> {
  const { log } = options;
  if (options.mode === 'production') throw new Error('The local Railway stand-in is for development only: connect a real Railway account.');
  log('Local Railway stand-in: a development server that answers like Railway and runs apps on this machine. Not Railway, not for production.');

  const switchesUsers = options.switchUsers ?? process.getuid?.() === 0;
  if (!switchesUsers) log(`Local Railway stand-in: not root, so apps run as this user and can read what it can; only ${BUNDLED_REPOSITORY} is deployed.`);
  const store = await Store.open(options.dataDir);
  const folders = new AppFolders(options.dataDir, switchesUsers);
  await folders.open();
  const uids = switchesUsers ? await moveIntoBlock(store, folders) : undefined;
  const { sandbox, obstacle } = switchesUsers ? await openSandbox(options, folders) : {};

  const faults = new Faults();
  const fleet = new Fleet(log);
  const rooms = new Rooms(folders, sandbox, store.data.secret);
  const sources = { exampleDir: options.exampleDir, localRepositories: options.localRepositories ?? {}, packageRegistry: options.packageRegistry };
  const reachable = options.reachable ?? [];
  const deployer = new Deployer({ dataDir: options.dataDir, store, folders, rooms, reachable, fleet, faults, sources, log, obstacle, settings: { ...defaultSettings, ...options.settings } });
  await deployer.resume();
  const parts = { store, deployer, fleet, faults, log, accounts: new Accounts(options.tokens), allowFaults: options.allowFaults === true };
  const app = createApp(parts);
  return {
    async listen(port, host = '127.0.0.1') {
      const server = createServer(getRequestListener((request, bindings) => app.fetch(request, bindings)));
      const subscribers = acceptSubscriptions(server, parts);
      const running = await listen(server, port, host);
      return {
        url: running.url,
        close() {
          subscribers.close();
          return running.close();
        },
      };
    },
    faults,
    async stop() {
      await deployer.end();
      uids?.release();
    },
  };
}

/** Where another stand-in took the user numbers of last time, apps get new ones and their files with them. */
async function moveIntoBlock(store: Store, folders: AppFolders): Promise<UidBlock> {
  const block = await UidBlock.reserve(store.data.firstUid);
  const before = store.data.firstUid;
  store.data.firstUid = block.first;
  if (before !== null && before !== block.first) {
    for (const { process: noted } of store.data.deployments) if (noted !== null) await endNoted(noted);
    for (const instance of store.data.instances) await folders.giveTo(instance, nextUid(store.data));
  }
  await store.save();
  return block;
}

/** Apps in namespaces need no way through the folders above theirs; others do. */
async function openSandbox({ dataDir, hidden = [], isolate = true, log }: RailwayStandInOptions, folders: AppFolders): Promise<{ sandbox?: Sandbox; obstacle?: string | undefined }> {
  const closed = await folders.closedFolder();
  const sandbox = isolate ? await Sandbox.open(folders.root, [...hidden, dataDir, ...(closed === undefined ? [] : [closed])]) : 'it is switched off';
  if (typeof sandbox !== 'string') return { sandbox };
  log(`Local Railway stand-in: apps get no network and no processes of their own (${sandbox}), so they reach whatever listens on this machine.`);
  const obstacle = closed === undefined ? undefined : `other users cannot pass through ${closed}`;
  if (obstacle !== undefined) log(`Local Railway stand-in: apps cannot be run, because ${obstacle}.`);
  return { obstacle };
}
