import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { copySource, type AppFolders } from './app-folders';
import { readAppPackage } from './app-package';
import { copyBundledPackages } from './bundled-packages';
import { runChild } from './child';
import { LogBook } from './logs';
import { packageRegistry } from './package-registry';
import { PROGRAMS } from './place';
import type { Room, Rooms } from './rooms';
import type { Deployment, Instance } from './state';

/** Nobody asks a build for anything. */
const NO_PORT = 1;

export const BUNDLED_REPOSITORY = 'studio/example-notes';

/** Why a build failed, in words for its log. */
export class BuildFailure extends Error {}

export interface Sources {
  exampleDir: string;
  /** Folders on this machine that stand for repositories, by name. */
  localRepositories: Readonly<Record<string, string>>;
  /** Where packages come from; what npm is set up to use when it is absent. */
  packageRegistry: string | undefined;
}

export interface BuildInput {
  deployment: Deployment;
  instance: Instance;
  buildId: string;
  folders: AppFolders;
  rooms: Rooms;
  /** What builds and apps may reach, beside the place that packages come from. */
  reachable: readonly string[];
  sources: Sources;
  env: Readonly<Record<string, string>>;
  /** The variable that every process of this build gets. */
  mark: Readonly<Record<string, string>>;
  book: LogBook;
  signal: AbortSignal;
}

/** Checks the source out, installs what it depends on and runs its build command. Answers the commit, where there is one. */
export async function build(input: BuildInput): Promise<{ commit: string | null }> {
  const { deployment, instance, buildId, folders, book, signal } = input;
  const { repo, image } = deployment.source;
  if (image !== null) throw new BuildFailure('This is a local stand-in for Railway: images are not run here. Use a repository.');
  if (repo === null) throw new BuildFailure('The service has no source: connect a repository first.');

  const local = repo === BUNDLED_REPOSITORY ? input.sources.exampleDir : input.sources.localRepositories[repo];
  let packagesAreThere = false;
  if (local === undefined) {
    const url = cloneableUrl(repo);
    if (!folders.switchesUsers) throw new BuildFailure(`The stand-in does not run as root, so it cannot give apps users of their own: only ${BUNDLED_REPOSITORY} is run here.`);
    const folder = await folders.makeBuild(instance, buildId);
    const commit = await clone(input, folder, url);
    await install(input, await appFolder(folder, deployment), false);
    return { commit };
  }
  book.add('info', `Copying ${repo}.`);
  const folder = await folders.makeBuild(instance, buildId, async (to) => {
    await copySource(local, to);
    packagesAreThere = repo === BUNDLED_REPOSITORY && (await copyBundledPackages(local, to));
  });
  signal.throwIfAborted();
  await install(input, await appFolder(folder, deployment), packagesAreThere);
  return { commit: null };
}

/** Where the app lies inside its build. A link must not lead out of it. */
export async function appFolder(folder: string, { settings }: Deployment): Promise<string> {
  const root = await realpath(folder);
  const inside = await realpath(path.join(root, settings.rootDirectory ?? '.')).catch(() => undefined);
  if (inside === undefined || (inside !== root && !inside.startsWith(root + path.sep))) throw new BuildFailure(`The root directory ${settings.rootDirectory} is not in the source.`);
  return inside;
}

/** Only this machine's own Git servers: the internet's are not reached from here. */
function cloneableUrl(repo: string): string {
  const url = URL.canParse(repo) ? new URL(repo) : undefined;
  const isLocal = url !== undefined && ['http:', 'https:'].includes(url.protocol) && ['127.0.0.1', 'localhost'].includes(url.hostname);
  if (!isLocal) throw new BuildFailure("The local stand-in for Railway has no access to the internet's repositories: use the bundled example or a Git server on this machine.");
  if (url.username !== '' || url.password !== '') throw new BuildFailure('The URL of the repository must not hold a name or a password.');
  return url.href;
}

async function clone(input: BuildInput, folder: string, url: string): Promise<string> {
  const { deployment, instance, folders, book } = input;
  const branch = deployment.source.branch;
  book.add('info', `Cloning ${url}${branch === null ? '' : `, branch ${branch}`}.`);
  const env = { PATH: PROGRAMS, HOME: folders.home(instance), GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', ...input.mark };
  // A redirect or a submodule would lead to places that were not named.
  const strict = ['-c', 'protocol.allow=never', '-c', 'protocol.http.allow=always', '-c', 'protocol.https.allow=always', '-c', 'http.followRedirects=false'];
  return inRoom(input, [url], async (room) => {
    const git = async (book: LogBook, ...args: string[]): Promise<void> => {
      const code = await runChild({ command: 'git', args: [...strict, ...args], cwd: folder, env, place: room.place, book }, input.signal);
      if (code !== 0) throw new BuildFailure('The source cannot be cloned.');
    };
    await git(book, 'clone', '--quiet', '--depth', '1', ...(branch === null ? [] : [`--branch=${branch}`]), '--', url, '.');
    if (deployment.commit !== null) {
      await git(book, 'fetch', '--quiet', '--depth', '1', 'origin', deployment.commit);
      await git(book, 'checkout', '--quiet', '--detach', 'FETCH_HEAD');
    }
    const head = new LogBook();
    await git(head, 'rev-parse', 'HEAD');
    return head.read({}).at(-1)?.message ?? '';
  });
}

async function install(input: BuildInput, cwd: string, packagesAreThere: boolean): Promise<void> {
  const { book, deployment, reachable } = input;
  const app = await readAppPackage(cwd);
  if (app === null) throw new BuildFailure('package.json cannot be read.');
  // As Railway's builders do: the build script of the package, unless a command was set in its place.
  const command = deployment.settings.buildCommand ?? (app.builds ? 'npm run build' : null);
  const steps: string[] = [];
  if (packagesAreThere) book.add('info', 'The packages were copied from the repository that the example lies in.');
  else if (app.needsPackages || (command !== null && app.needsTools)) {
    const locked = await lstat(path.join(cwd, 'package-lock.json')).then((found) => found.isFile(), () => false);
    steps.push(`npm ${locked ? 'ci' : 'install'} ${command === null ? '--omit=dev' : '--include=dev'} --no-audit --no-fund --prefer-offline`);
  }
  if (command !== null) steps.push(command);
  if (steps.length === 0) return;
  const registry = await packageRegistry(input.sources.packageRegistry);
  await inRoom(input, [...reachable, ...registry], async (room) => {
    for (const step of steps) await runStep(input, cwd, step, room);
  });
}

async function inRoom<T>({ rooms, instance }: BuildInput, urls: readonly string[], work: (room: Room) => Promise<T>): Promise<T> {
  const room = await rooms.open(instance, NO_PORT, urls);
  try {
    return await work(room);
  } finally {
    room.close();
  }
}

async function runStep({ env, book, signal }: BuildInput, cwd: string, command: string, { place }: Room): Promise<void> {
  book.add('info', `$ ${command}`);
  const code = await runChild({ command: '/bin/sh', args: ['-c', command], cwd, env, place, book }, signal);
  if (code !== 0) throw new BuildFailure(`The command ended with code ${code}.`);
}
