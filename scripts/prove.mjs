// Proves what the README claims, on real servers, and writes the report: artifacts/proof/report.html and report.json.
//   npm run prove -- [--suites=isolation,faults,attacks,speed] [--seed=<number>] [--slice]
// --slice tries as much as the test command does. A seed that is printed repeats a run.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJson } from './lib/files.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { run } from './lib/processes.mjs';
import { configured, ensureProgram } from './lib/programs.mjs';
import { notBuilt, withoutFigure } from './lib/requirements.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'artifacts', 'proof');

/** Besides the folders of the suites, every test that reports a figure is part of the proof; those of the wings are about what fails. */
const folders = { isolation: ['tests/isolation/', 'tests/trust/proof/'], faults: ['tests/faults/', 'tests/replicas/'], attacks: ['tests/attacks/'] };

const SUITES = { isolation: 'Isolation', faults: 'Faults', attacks: 'Attacks', speed: 'Speed' };

const isolation = { suite: 'isolation', run: () => tests(folders.isolation) };
const faults = { suite: 'faults', run: () => tests(['tests/faults/']) };
const wings = { suite: 'faults', run: async () => tests(await figuresOfWings()) };
const replicas = (await readdir(path.join(root, 'tests/replicas'))).filter((name) => name.endsWith('.test.ts')).map((name) => ({ suite: 'faults', run: () => tests([`tests/replicas/${name}`]) }));
const attacks = { suite: 'attacks', run: () => tests(folders.attacks) };
const speed = { suite: 'speed', run: bench };

const { values } = parseArgs({
  options: {
    suites: { type: 'string', default: Object.keys(SUITES).join(',') },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    slice: { type: 'boolean', default: false },
  },
});
const chosen = [...new Set(values.suites.split(','))];
const unknown = chosen.filter((name) => !(name in SUITES));
if (unknown.length > 0) fail(`There is no suite ${unknown.join(', ')}. There are ${Object.keys(SUITES).join(', ')}.`);
if (!/^\d{1,10}$/.test(values.seed)) fail('--seed takes a whole number of at most ten digits.');

const startedAt = new Date();
await ensurePackages(root, { log: console.log });
for (const [program, variable] of Object.entries({ redis: 'REDIS_URL', pgbouncer: 'PGBOUNCER_PATH', chromium: 'CHROMIUM_PATH' })) {
  if (!configured(variable)) await ensureProgram(program, console.log);
}
const [{ isBuilt }, { proveByVitest }, { reportPage }] = await Promise.all([import('./lib/sources.mjs'), import('./lib/vitest.mjs'), import('./lib/proof-page.mjs')]);
if (!(await isBuilt(root))) await node(['scripts/build.mjs']);
console.log(`seed ${values.seed}`);

// The longest first, so that two lanes end at about the same time.
const parts = [faults, isolation, attacks, ...replicas, wings, speed].filter(({ suite }) => chosen.includes(suite));
const done = new Set();
const suites = chosen.map((name) => ({ name, title: SUITES[name], seconds: 0, passed: 0, failed: 0, skipped: 0, figures: [], failures: [], curves: [] }));
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
// A whole proof measures times, with nothing beside. Of a slice, as in the test command, faults are mostly waited for.
const waiting = parts.filter((part) => part !== speed);
await Promise.all(Array.from({ length: values.slice ? 2 : 1 }, () => inTurn(waiting)));
await inTurn(parts.filter((part) => part === speed));
// Once more, when nobody else writes.
await writeReport();

const proven = isProven();
for (const { title, passed, failed, figures } of suites) console.log(`${title}: ${figures.length} figures, ${passed} passed, ${failed} failed`);
console.log(`\n${proven ? 'All of it held' : 'NOT all of it held'}. The report: ${path.relative(root, path.join(folder, 'report.html'))} and report.json`);
process.exitCode = proven ? 0 : 1;

/** Takes parts from a queue until it is empty. */
async function inTurn(queue) {
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    console.log(`\n== ${SUITES[part.suite]}`);
    const began = performance.now();
    // What breaks one part off ends no other one, whose servers would be left behind.
    add(part, await part.run().catch((error) => ({ passed: 0, failed: 1, skipped: 0, figures: [], failures: [error.message] })));
    suiteOf(part).seconds += Math.round((performance.now() - began) / 1000);
    // A whole proof takes hours: what was found by then is kept when it is ended before its end.
    await writeReport();
  }
}

function suiteOf({ suite }) {
  return suites.find(({ name }) => name === suite);
}

function add(part, { passed, failed, skipped, figures, failures, curves = [] }) {
  const suite = suiteOf(part);
  suite.passed += passed;
  suite.failed += failed;
  suite.skipped += skipped;
  suite.figures.push(...figures);
  suite.failures.push(...failures);
  suite.curves.push(...curves);
  done.add(part);
}

function isFinished() {
  return done.size === parts.length;
}

function isProven() {
  return isFinished() && suites.every(({ failed, skipped }) => failed + skipped === 0) && missing().length === 0;
}

/** Once everything has run: a requirement whose figure was lost is not proven. */
function missing() {
  return isFinished() && suites.length === Object.keys(SUITES).length ? withoutFigure(suites, { whole: !values.slice }) : [];
}

async function writeReport() {
  const at = await commit();
  const report = {
    product: 'Studio',
    started_at: startedAt.toISOString(),
    finished_at: isFinished() ? new Date().toISOString() : null,
    commit: at,
    seed: Number(values.seed),
    scale: values.slice ? 'slice' : 'whole',
    machine: { cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown', node: process.versions.node },
    passed: isProven(),
    without_figure: missing(),
    not_built: notBuilt,
    suites: suites.filter(({ name }) => hasRun(name)),
    not_run: Object.keys(SUITES).filter((name) => !hasRun(name)).map((name) => SUITES[name]),
  };
  // At once: lanes that write together leave the one report or the other.
  writeFileSync(path.join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(path.join(folder, 'report.html'), reportPage(report));
}

/** All of it. */
function hasRun(name) {
  const own = parts.filter(({ suite }) => suite === name);
  return own.length > 0 && own.every((part) => done.has(part));
}

async function figuresOfWings() {
  const own = Object.values(folders).flat();
  const found = [];
  for (const file of await readdir(path.join(root, 'tests'), { recursive: true })) {
    const name = `tests/${file.replaceAll(path.sep, '/')}`;
    if (!name.endsWith('.test.ts') || own.some((folder) => name.startsWith(folder))) continue;
    if (/\bfigure\(/.test(await readFile(path.join(root, name), 'utf8'))) found.push(name);
  }
  return found.sort();
}

function tests(folders) {
  return proveByVitest(root, ['unit', 'integration', 'e2e', 'faults'], { folders, env: { STUDIO_PROOF: values.slice ? 'slice' : 'whole', STUDIO_PROOF_SEED: values.seed } });
}

/** The bench says pass or missed for each row, which are its tests. */
async function bench() {
  // What an earlier run measured is no figure of this one.
  await rm(path.join(root, 'artifacts', 'bench.json'), { force: true });
  const { code } = await run(process.execPath, ['scripts/bench.mjs', values.slice ? '--quick' : '--whole'], { cwd: root, inherit: true, timeoutMs: Infinity });
  const { findings = [], curves = [] } = (await readJson(path.join(root, 'artifacts', 'bench.json'))) ?? {};
  const missed = findings.filter(({ pass }) => !pass);
  const died = missed.length === 0 && code !== 0;
  return {
    passed: findings.length - missed.length,
    failed: missed.length + (died ? 1 : 0),
    skipped: 0,
    figures: findings.map(({ requirements = [], what, limit, ours, reached, target, pass }) => ({ requirements, what, reached: [reached, ours, limit && `limit ${limit}`].filter(Boolean).join('; '), bound: target, pass })),
    failures: [...missed.map(({ what }) => what), ...(died ? [`the bench ended with ${code} before it had measured everything`] : [])],
    curves,
  };
}

async function commit() {
  const { code, output } = await run('git', ['rev-parse', 'HEAD'], { cwd: root });
  return code === 0 ? output.trim() : null;
}

async function node(args) {
  const { code } = await run(process.execPath, args, { cwd: root, inherit: true, timeoutMs: Infinity });
  if (code !== 0) process.exit(code);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
