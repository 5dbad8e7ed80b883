import { constants, open } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What the package.json of an app says about its build. */
export interface AppPackage {
  needsPackages: boolean;
  /** What is there for work on the app alone, which a build often needs. */
  needsTools: boolean;
  /** Has a build script. */
  builds: boolean;
}

const MAX_BYTES = 1_000_000;
const named = z.record(z.string(), z.string()).default({});
const manifest = z.object({ dependencies: named, devDependencies: named, scripts: named });

/** All false when there is no such file; null when it cannot be read. */
export async function readAppPackage(folder: string): Promise<AppPackage | null> {
  const text = await readPlainFile(path.join(folder, 'package.json'));
  if (text === undefined) return { needsPackages: false, needsTools: false, builds: false };
  const { data } = manifest.safeParse(parsed(text));
  if (data === undefined) return null;
  const { dependencies, devDependencies, scripts } = data;
  return { needsPackages: Object.keys(dependencies).length > 0, needsTools: Object.keys(devDependencies).length > 0, builds: (scripts['build'] ?? '').trim() !== '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The source is a stranger's, and this process may read more than its owner: no link, no pipe and nothing huge is opened. */
async function readPlainFile(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    return found.isFile() && found.size <= MAX_BYTES ? await handle.readFile('utf8') : undefined;
  } finally {
    await handle.close();
  }
}
