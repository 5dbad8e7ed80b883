import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Tells a process from a later one of the same number; undefined when there is no such process. */
export async function startMark(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return startTimeOfPs(pid);
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Field 2, the name, may hold spaces and parentheses; field 3 is the state and field 22 the start time since the boot.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

/** Tells this run of the machine from all others; the same for all where the system does not tell. */
export async function bootMark(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}

/** Sends a signal to a whole group; false when there is none any more. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

export interface NotedProcess {
  pid: number;
  /** Its start time. */
  mark: string;
  boot: string;
}

/** Ends a process of an earlier run and its group, if it still is the one that was noted. */
export async function endNoted({ pid, mark, boot }: NotedProcess): Promise<boolean> {
  if ((await bootMark()) !== boot || (await startMark(pid)) !== mark) return false;
  return signalGroup(pid, 'SIGKILL');
}

const TRIES = 100;

/**
 * Ends every process of a user. A process that ends all others itself leaves none the time to start another one.
 * Never for this process's own user.
 */
export async function endUser(uid: number): Promise<void> {
  if (uid <= 0 || uid === process.getuid?.()) throw new Error(`the processes of user ${uid} are not ours to end`);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    await killAllAs(uid);
    if (!(await runsAnything(uid))) return;
    await sleep(5);
  }
}

/** Whether there was somebody to end it does not tell: Linux answers the same when all the others are out of reach. */
function killAllAs(uid: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', 'kill -s KILL -- -1'], { cwd: '/', env: { NODE_ENV: 'production' }, stdio: 'ignore', uid, gid: uid });
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
}

/** One that has ended, and that only its parent has not noted yet, runs no more. Linux only, as users of their own are. */
async function runsAnything(uid: number): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const owner = (await stat(`/proc/${name}`).catch(() => undefined))?.uid;
    if (owner === uid && !/\) [ZX] /.test(await readFile(`/proc/${name}/stat`, 'latin1').catch(() => ') X '))) return true;
  }
  return false;
}

/** The variable by which processes of an app are known again: `<secret of the stand-in>.<run>`. */
export const MARK = 'LOCAL_RAILWAY_MARK';

/** Ends processes of a user by the beginning of their mark: what left its group. Linux only; elsewhere the group is all that is known. */
export async function endStrays(mark: { uid: number; value: string }): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // One that ends while it is looked at is no stray.
    const owner = (await stat(`/proc/${name}`).catch(() => undefined))?.uid;
    if (owner !== mark.uid) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').some((entry) => entry.startsWith(`${MARK}=${mark.value}`))) killOne(Number(name));
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function startTimeOfPs(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], (error, stdout) => resolve(error === null ? stdout.trim() || undefined : undefined));
  });
}
