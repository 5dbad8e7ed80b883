// npm may write a lock that lacks optional packages of other platforms, and then refuses to install
// from it. Run this after "npm install"; npm keeps what it adds.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson, writeFileAtomic } from './lib/files.mjs';
import { entryFor, locationFor, missingOptionalPackages } from './lib/lock-file.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = path.join(root, 'package-lock.json');

const lock = await readJson(file);
const missing = await missingOptionalPackages(file);
for (const lacking of missing) lock.packages[locationFor(lock.packages, lacking)] = entryFor(lacking);
if (missing.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFileAtomic(file, `${JSON.stringify(lock, null, 2)}\n`, 0o644);
}
console.log(missing.length === 0 ? 'The lock is complete.' : `Added ${missing.length} optional packages to the lock.`);
