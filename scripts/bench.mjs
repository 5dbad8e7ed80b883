// Measures the build against its limits and prints the table. Not a test: it wants a quiet machine and minutes.
//   npm run bench -- [--rows=list,unchanged,…] [--quick] [--data=<folder>]
// --data keeps the database of 10⁶ rows there for the next run.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/packages.mjs';
import { run } from './lib/processes.mjs';
import { isBuilt } from './lib/sources.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

await ensurePackages(root, { log: console.log });
if (!(await isBuilt(root))) await node(['scripts/build.mjs']);
await node(['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)]);

async function node(args) {
  const { code } = await run(process.execPath, args, { cwd: root, inherit: true, timeoutMs: Infinity });
  if (code !== 0) process.exit(code);
}
