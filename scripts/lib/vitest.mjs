import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readJson } from './files.mjs';
import { run } from './processes.mjs';

/**
 * Runs vitest projects with their output shown, and counts from its report.
 * A run that dies, or that finds no test, counts as a failure.
 */
export async function runVitest(root, projects, env = process.env) {
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-vitest-'));
  const report = path.join(folder, 'report.json');
  try {
    const args = [
      path.join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...projects.map((project) => `--project=${project}`),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ];
    const { code } = await run(process.execPath, args, { cwd: root, env, inherit: true, timeoutMs: Infinity });
    return count(await readJson(report), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function count(report, code) {
  const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] } = report ?? {};
  // A file that does not load, or whose hook throws, fails without a failed test.
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const failed = numFailedTests + brokenFiles;
  // Nor does an error outside all tests, or a run that finds none.
  const hidden = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + hidden, skipped: numPendingTests + numTodoTests };
}
