import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomSecret, readJson } from '../files.mjs';
import { isSameProcess, startMark } from '../processes.mjs';

/**
 * Takes the data folder for this process. When another `up` holds it, resolves with
 * `{ holder }`; a lock whose process is gone is taken over.
 */
export async function takeLock(dataDir) {
  const file = path.join(dataDir, 'up.lock');
  const mine = JSON.stringify({ pid: process.pid, mark: await startMark(process.pid) });
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(mine);
      await handle.close();
      return { release: () => rm(file, { force: true }) };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    if (holder && (await isSameProcess(holder.pid, holder.mark))) return { holder };
    await removeStale(file, holder);
  }
}

/** Waits until the `up` that holds the lock is ready. @returns its state, or undefined when it ended */
export async function waitForHolder(dataDir, holder) {
  while (await isSameProcess(holder.pid, holder.mark)) {
    const state = await readJson(path.join(dataDir, 'run.json'));
    if (state?.pid === holder.pid && state.readyAt) return state;
    await delay(200);
  }
  return undefined;
}

async function readHolder(file) {
  // Whoever just made the file writes it a moment later.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const text = await readFile(file, 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    if (text !== '') return JSON.parse(text);
    await delay(25);
  }
  return undefined;
}

/** Two starts may find the same stale lock: only the one whose rename hits the stale file removes it. */
async function removeStale(file, holder) {
  const aside = `${file}.${randomSecret(6)}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const moved = await readHolder(aside);
  if (moved && moved.pid !== holder?.pid) await rename(aside, file);
  else await rm(aside, { force: true });
}
