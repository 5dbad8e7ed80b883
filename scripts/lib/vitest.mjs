import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readJson } from './files.mjs';
import { run } from './processes.mjs';

/**
 * Runs vitest projects with their output shown, and counts from its report.
 * A run that dies, or that finds no test, counts as a failure.
 */
export async function runVitest(root, projects, options) {
  const { report, code } = await reportOf(root, projects, options);
  return { ...count(report, code), failures: failuresOf(report, root), ...filesOf(report, root) };
}

/** More files than this do not fail because the machine was busy. */
const mostAgain = 3;

/**
 * Files with failures, run once more with the machine to themselves: on a small machine that others share, a wait can
 * be too short. What fails only beside other work is told apart as `shaken`; what fails twice has failed.
 */
export async function onceMoreAlone(root, projects, first) {
  const { brokenFiles, sound } = first;
  if (brokenFiles.length === 0 || brokenFiles.length > mostAgain) return { ...first, shaken: [] };
  const again = await runVitest(root, projects, { folders: brokenFiles });
  const [passed, skipped] = [sound.passed + again.passed, sound.skipped + again.skipped];
  return { passed, skipped, failed: again.failed, failures: again.failures, shaken: again.failed === 0 ? first.failures : [] };
}

/**
 * The same for some folders, with the figures that their tests report and the names of the tests that failed.
 * @param {{ folders: string[], env: Record<string, string> }} options
 */
export async function proveByVitest(root, projects, options) {
  const { report, code } = await reportOf(root, projects, options);
  const tests = (report?.testResults ?? []).flatMap(({ assertionResults }) => assertionResults);
  return {
    ...count(report, code),
    figures: tests.flatMap(({ meta }) => meta?.figures ?? []),
    failures: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  };
}

async function reportOf(root, projects, { folders = [], env = {} } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'studio-vitest-'));
  const outputFile = path.join(folder, 'report.json');
  try {
    const args = [
      path.join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...folders,
      ...projects.map((project) => `--project=${project}`),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${outputFile}`,
    ];
    const { code } = await run(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, inherit: true, timeoutMs: Infinity });
    return { report: await readJson(outputFile), code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What failed, and the first line of why: in a long log it is said once more at the end. */
function failuresOf(report, root) {
  return (report?.testResults ?? [])
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = path.relative(root, name);
      const tests = assertionResults.filter(({ status }) => status === 'failed');
      if (tests.length === 0) return [`${file}: ${firstLine(message)}`];
      return tests.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n      ${firstLine(failureMessages[0])}`);
    });
}

/** The files with failures, and how much there is in the others. */
function filesOf(report, root) {
  const files = report?.testResults ?? [];
  const tests = files.filter(({ status }) => status !== 'failed').flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  return {
    brokenFiles: files.filter(({ status }) => status === 'failed').map(({ name }) => path.relative(root, name)),
    sound: { passed, skipped: tests.length - passed },
  };
}

function firstLine(text = '') {
  return text.split('\n', 1)[0];
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
