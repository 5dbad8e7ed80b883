import { readdir, readFile, stat } from 'node:fs/promises';

/** Processes of this machine by a text in their command line; an app in namespaces knows them by other numbers. */
export async function pidsOf(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, line: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })));
  return lines.filter(({ pid, line }) => pid !== process.pid && line.replaceAll('\0', ' ').trim() === text).map(({ pid }) => pid);
}

export async function ownerOf(pid: number): Promise<number> {
  return (await stat(`/proc/${pid}`)).uid;
}

let used = 0;
/** A `sleep` that nobody else runs. */
export function ownSleep(): string {
  used += 1;
  return `sleep ${3000 + used}.${process.pid}`;
}

export async function isGone(text: string): Promise<boolean> {
  return (await pidsOf(text)).length === 0;
}
