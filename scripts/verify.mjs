// What holds of the code without a server: types, lint, zones, dead code, papers, versions, unit tests.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecks } from './lib/run-checks.mjs';
import { runVitest } from './lib/vitest.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const checks = await runChecks(root);
const tests = await runVitest(root, ['unit']);
process.exitCode = checks.failed + tests.failed + tests.skipped === 0 ? 0 : 1;
