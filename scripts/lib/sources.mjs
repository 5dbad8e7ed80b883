import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readJson } from './files.mjs';

/** Written by the build when it is whole; holds the hash of what was built. */
export const BUILD_STAMP = 'dist/.build.json';

const FOLDERS = ['app', 'db', 'lib', 'public'];
const ROOT_FILES = /^(?!vitest\.|drizzle\.|next-env\.).+\.(ts|mts|mjs|cjs)$|^(package-lock|tsconfig)\.json$/;
const SKIPPED = /\.test\.tsx?$/;

/** A hash over names and contents of everything that the build reads. */
export async function hashSources(root) {
  const files = (await readdir(root)).filter((name) => ROOT_FILES.test(name));
  for (const folder of FOLDERS) files.push(...(await listFiles(root, folder)));
  files.push('scripts/build.mjs');
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    if (SKIPPED.test(file)) continue;
    hash.update(`${file}\0`).update(await readFile(path.join(root, file))).update('\0');
  }
  return hash.digest('hex');
}

export async function isBuilt(root) {
  const stamp = await readJson(path.join(root, BUILD_STAMP)).catch(() => undefined);
  return stamp !== undefined && stamp.sources === (await hashSources(root));
}

async function listFiles(root, folder) {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const nested = await Promise.all(
    entries.map((entry) => {
      const name = `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, name) : [name];
    }),
  );
  return nested.flat();
}
