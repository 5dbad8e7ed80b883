// Everything, from a clean clone: packages, real servers, checks, tests, build, tests of the built product.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './lib/packages.mjs';
import { run } from './lib/processes.mjs';
import { configured, ensureProgram } from './lib/programs.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const PROGRAMS = { redis: 'REDIS_URL', chromium: 'CHROMIUM_PATH', pgbouncer: 'PGBOUNCER_PATH', caddy: 'CADDY_PATH', openssl: 'OPENSSL_PATH' };
const total = { passed: 0, failed: 0, skipped: 0, failures: [] };

try {
  await prepare();
  // Loaded late: these come from the packages that were just installed.
  const [{ runChecks }, { onceMoreAlone, runVitest }] = await Promise.all([import('./lib/run-checks.mjs'), import('./lib/vitest.mjs')]);
  title('checks');
  add(await runChecks(root));
  title('unit and integration tests');
  const runs = [await counted(['unit', 'integration'])];
  title('build');
  if (await build()) {
    title('tests of the built product');
    // Faults are mostly waited for, and leave the processor to the browser.
    runs.push(...(await Promise.all([counted(['e2e']), counted(['faults'])])));
  }
  for (const { projects, first } of runs) {
    const { shaken, ...result } = await onceMoreAlone(root, projects, first);
    add(result);
    if (shaken.length > 0) console.log(`\n== passed only when run alone\n${shaken.join('\n')}`);
  }

  async function counted(projects) {
    return { projects, first: await runVitest(root, projects) };
  }
} catch (error) {
  console.error(error.message);
  total.failed += 1;
}
if (total.failures.length > 0) {
  title('what failed');
  console.log(total.failures.join('\n'));
}
if (total.skipped > 0) console.log(`\n${total.skipped} skipped, which counts as a failure here`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed + total.skipped === 0 ? 0 : 1;

async function prepare() {
  title('what the tests need');
  await ensurePackages(root, { log: console.log });
  for (const [name, variable] of Object.entries(PROGRAMS)) {
    const place = configured(variable) ? `from ${variable}` : await ensureProgram(name, console.log);
    console.log(`${name}: ${place}`);
  }
}

async function build() {
  const { code } = await run(process.execPath, ['scripts/build.mjs'], { cwd: root, inherit: true, timeoutMs: Infinity });
  if (code !== 0) total.failed += 1;
  return code === 0;
}

function add({ passed, failed, skipped = 0, failures = [] }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  total.failures.push(...failures);
}

function title(text) {
  console.log(`\n== ${text}`);
}
