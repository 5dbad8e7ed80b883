import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../files.mjs';
import { isSameProcess, waitUntilGone } from '../processes.mjs';
import { signalGroup } from './child.mjs';

const ORPHAN_GRACE_MS = 5_000;

/** What runs now, kept in `run.json` for the next start and for a second `up`. */
export function writeRunState(dataDir, state) {
  const file = path.join(dataDir, 'run.json');
  // Written at once and synchronously: a process that is not recorded cannot be ended later.
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Ends what a killed `up` left running. @returns {Promise<string[]>} their names */
export async function endOrphans(dataDir) {
  const state = await readJson(path.join(dataDir, 'run.json'));
  const orphans = [];
  for (const child of state?.children ?? []) {
    if (await isSameProcess(child.pid, child.mark)) orphans.push(child);
  }
  for (const { pid } of orphans) signalGroup(pid, 'SIGTERM');
  await Promise.all(
    orphans.map(async ({ pid }) => {
      if (await waitUntilGone(pid, ORPHAN_GRACE_MS)) return;
      signalGroup(pid, 'SIGKILL');
      await waitUntilGone(pid, 2_000);
    }),
  );
  return orphans.map(({ name }) => name);
}
