import { link, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomSecret, readJson } from '../files.mjs';
import { isSameProcess, startMark } from '../processes.mjs';

const ABANDONED_MS = 5_000;

/**
 * Takes the data folder for this process. When another `up` holds it, resolves with
 * `{ holder }`; a lock whose process is gone is taken over.
 */
export async function takeLock(dataDir) {
  const file = path.join(dataDir, 'up.lock');
  // Written aside and linked into place, so that nobody ever sees an empty lock.
  const mine = `${file}.${randomSecret(9)}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, mark: await startMark(process.pid) }), { mode: 0o600 });
  const taken = { release: () => rm(file, { force: true }) };
  try {
    for (;;) {
      if (await succeeds(link(mine, file), 'EEXIST')) return taken;
      const holder = await readJson(file);
      if (holder && (await isHeld(holder))) return { holder };
      if (await takeOver(file, mine)) return taken;
    }
  } finally {
    await rm(mine, { force: true });
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

/** One at a time replaces a stale lock, and looks again first: another may have been faster. */
async function takeOver(file, mine) {
  const turn = `${file}.turn`;
  const got = await succeeds(
    open(turn, 'wx', 0o600).then((handle) => handle.close()),
    'EEXIST',
  );
  if (!got) {
    const since = await stat(turn).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0);
    if (since > ABANDONED_MS) await rm(turn, { force: true });
    else await delay(20);
    return false;
  }
  try {
    const holder = await readJson(file);
    // Given back meanwhile: then whoever links first has it.
    if (!holder || (await isHeld(holder))) return false;
    await rename(mine, file);
    return true;
  } finally {
    await rm(turn, { force: true });
  }
}

function isHeld({ pid, mark }) {
  return isSameProcess(pid, mark);
}

async function succeeds(work, expectedCode) {
  try {
    await work;
    return true;
  } catch (error) {
    if (error.code === expectedCode) return false;
    throw error;
  }
}
