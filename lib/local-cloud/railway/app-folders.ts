import { chmod, chown, cp, lchown, mkdir, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { runChild } from './child';
import { LogBook } from './logs';
import { openPlace } from './place';
import type { Instance } from './state';

const PRIVATE = 0o700;
/** Its group, which is the app's own, may pass through and not look around. */
const PASS = 0o710;

/**
 * Where apps live: `apps/<instance>/home` and `apps/<instance>/builds/<build>`. Only these two kinds belong to the
 * app's user. What lies above is this process's own, so an app cannot put something else into the way of its work.
 */
export class AppFolders {
  #root: string;
  /** True when apps run as users of their own. */
  readonly switchesUsers: boolean;

  constructor(dataDir: string, switchesUsers: boolean) {
    this.#root = path.join(dataDir, 'apps');
    this.switchesUsers = switchesUsers;
  }

  get root(): string {
    return this.#root;
  }

  async open(): Promise<void> {
    await mkdir(this.#root, { recursive: true });
    await chmod(this.#root, 0o711);
    this.#root = await realpath(this.#root);
  }

  /** The outermost folder that keeps users of apps from their folders; undefined when none does. */
  async closedFolder(): Promise<string | undefined> {
    let closed: string | undefined;
    for (let folder = this.#root; folder !== path.dirname(folder); folder = path.dirname(folder)) {
      const { mode } = await stat(folder);
      if ((mode & 0o001) === 0) closed = folder;
    }
    return closed;
  }

  /** Gives an instance's files to another user; none of the earlier one's processes may live. */
  async giveTo(instance: Instance, uid: number): Promise<void> {
    instance.uid = uid;
    if ((await stat(this.own(instance)).catch(() => undefined)) === undefined) return;
    await this.prepare(instance);
    await handOver(this.home(instance), uid);
    const builds = path.join(this.own(instance), 'builds');
    for (const name of await readdir(builds)) await handOver(path.join(builds, name), uid);
  }

  uidOf(instance: Instance): number | undefined {
    return this.switchesUsers ? instance.uid : undefined;
  }

  own(instance: Instance): string {
    return path.join(this.#root, instance.id);
  }

  home(instance: Instance): string {
    return path.join(this.own(instance), 'home');
  }

  build(instance: Instance, buildId: string): string {
    return path.join(this.own(instance), 'builds', buildId);
  }

  async prepare(instance: Instance): Promise<void> {
    const uid = this.uidOf(instance);
    const own = this.own(instance);
    for (const folder of [own, path.join(own, 'builds')]) {
      await mkdir(folder, { recursive: true });
      if (uid !== undefined) await chown(folder, 0, uid);
      await chmod(folder, PASS);
    }
    await mkdir(this.home(instance), { recursive: true, mode: PRIVATE });
    if (uid !== undefined) await lchown(this.home(instance), uid, uid);
  }

  /** An empty folder for a build; `fill` works in it before the app's user may enter. */
  async makeBuild(instance: Instance, buildId: string, fill?: (folder: string) => Promise<void>): Promise<string> {
    await this.prepare(instance);
    const folder = this.build(instance, buildId);
    await mkdir(folder, { mode: PRIVATE });
    await fill?.(folder).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    const uid = this.uidOf(instance);
    if (uid !== undefined) await handOver(folder, uid);
    return folder;
  }

  /** Removes every build that is not to be kept. */
  async keepBuilds(instance: Instance, keep: ReadonlySet<string>): Promise<void> {
    const folder = path.join(this.own(instance), 'builds');
    const names = await readdir(folder).catch(() => []);
    for (const name of names) if (!keep.has(name)) await this.#empty(path.join(folder, name), this.uidOf(instance));
  }

  async remove(instance: Instance): Promise<void> {
    await this.keepBuilds(instance, new Set());
    await this.#empty(this.home(instance), this.uidOf(instance));
    await rm(this.own(instance), { recursive: true, force: true });
  }

  /** As the app's user: removing its files with more rights could be led astray by a link. */
  async #empty(folder: string, uid: number | undefined): Promise<void> {
    if (uid === undefined) return rm(folder, { recursive: true, force: true });
    const never = new AbortController().signal;
    // From inside: what lies above may be closed to that user.
    await runChild({ command: '/bin/sh', args: ['-c', 'rm -rf -- ..?* .[!.]* *'], cwd: folder, env: {}, place: openPlace(uid), book: new LogBook() }, never);
    await rmdir(folder).catch(() => undefined);
  }
}

/** Copies a folder as it is, without what only belongs to the place it comes from. */
export async function copySource(from: string, to: string): Promise<void> {
  const left = new Set(['node_modules', '.git', '.env']);
  await cp(from, to, { recursive: true, filter: (file) => file === from || !left.has(path.basename(file)) });
}

/** The folder itself last: until then its new owner cannot enter, so nothing moves meanwhile. */
async function handOver(folder: string, uid: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await handOver(file, uid);
    else await lchown(file, uid, uid);
  }
  await lchown(folder, uid, uid);
}
