import { randomInt } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';

/** Above people's accounts and below what systemd gives out (61184 to 65519) and what containers begin with (65536). */
const FIRST = 40_000;
const BLOCKS = 40;
export const UIDS = 500;

/** User numbers that no other stand-in of this machine gives out while this process lives. */
export class UidBlock {
  readonly first: number;
  readonly #lock: Server;

  private constructor(first: number, lock: Server) {
    this.first = first;
    this.#lock = lock;
  }

  /** The one of last time when it is still free, or another in which no process runs and no account lies. */
  static async reserve(kept: number | null): Promise<UidBlock> {
    const start = randomInt(BLOCKS);
    const others = Array.from({ length: BLOCKS }, (_, index) => FIRST + ((start + index) % BLOCKS) * UIDS);
    for (const first of kept === null ? others : [kept, ...others]) {
      const lock = await take(first);
      if (lock === undefined) continue;
      if (first === kept || !(await inUse(first))) return new UidBlock(first, lock);
      lock.close();
    }
    throw new Error('The local Railway stand-in finds no free user numbers: too many of them run on this machine.');
  }

  release(): void {
    this.#lock.close();
  }
}

/** An abstract socket is this process's alone and goes with it, however it ends. */
function take(first: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen(`\0local-railway-uids-${first}`, () => resolve(server.unref()));
  });
}

async function inUse(first: number): Promise<boolean> {
  const inside = (uid: number | undefined): boolean => uid !== undefined && uid >= first && uid < first + UIDS;
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  if (accounts.split('\n').some((line) => inside(Number(line.split(':')[2])))) return true;
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const owners = await Promise.all(names.map((name) => stat(`/proc/${name}`).then(({ uid }) => uid, () => undefined)));
  return owners.some(inside);
}
