// Starts all of Studio on one machine. Plain Node: it runs before any package is installed.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, StartError, UsageError, parseOptions } from './lib/up/args.mjs';
import { fail, note } from './lib/up/output.mjs';
import { Studio } from './lib/up/studio.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const MIN_NODE = [20, 20];

try {
  await main();
} catch (error) {
  fail(error instanceof StartError ? error.message : (error.stack ?? String(error)));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main() {
  refuseOldNode();
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const envFile = path.join(root, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile);
  const studio = new Studio({ root, options, env: process.env });
  stopOnSignals(studio);
  await studio.run();
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return;
  throw new UsageError(`Studio needs Node ${MIN_NODE.join('.')} or newer; this is ${process.versions.node}.`);
}

function stopOnSignals(studio) {
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      asked += 1;
      if (asked > 1) studio.kill();
      else {
        note('stopping (once more to stop at once)');
        studio.stop().catch((error) => {
          fail(error.message);
          process.exitCode = 1;
        });
      }
    });
  }
}
