import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { citations } from './citations.mjs';
import { readJson } from './files.mjs';
import { missingOptionalPackages } from './lock-file.mjs';
import { run } from './processes.mjs';

const SECURITY_FLOORS = { next: '16.4.1', react: '19.3.1', 'react-dom': '19.3.1' };
const ZONED = ['app', 'db', 'lib'];

/**
 * What must hold of the code without running it. Each check resolves with a short note of what
 * it saw, or throws with what is wrong.
 * @type {Array<[string, (root: string) => Promise<string>]>}
 */
export const CHECKS = [
  ['types', types],
  ['lint', lint],
  ['import zones', importZones],
  ['dead code', deadCode],
  ['migrations', migrations],
  ['paths in the papers', citedPaths],
  ['version floors', versionFloors],
  ['lock file', lockFile],
];

async function types(root) {
  // A fresh clone lacks the types that Next derives from the routes.
  await tool(root, 'next', 'dist/bin/next', ['typegen']);
  await tool(root, 'typescript', 'bin/tsc', ['--noEmit']);
  return 'strict, no errors';
}

async function lint(root) {
  const output = await tool(root, 'oxlint', 'bin/oxlint', ['--type-aware', '--deny-warnings']);
  const files = Number(/on (\d+) files/.exec(output)?.[1] ?? 0);
  if (files === 0) throw new Error('the linter saw no file');
  return `${files} files`;
}

async function importZones(root) {
  const { modules, summary } = await cruise(root);
  const broken = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  if (broken.length > 0) throw new Error([...new Set(broken)].join('\n'));
  // With a compiler it cannot use, the cruiser sees nothing and passes.
  const seen = new Set(modules.map(({ source }) => source));
  const unseen = (await sourceFiles(root)).filter((file) => !seen.has(file));
  if (unseen.length > 0) throw new Error(`not looked at: ${unseen.slice(0, 10).join(', ')} (${unseen.length} files)`);
  if (summary.totalDependenciesCruised === 0) throw new Error('not a single import was seen');
  return `${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports`;
}

async function cruise(root) {
  const folder = await scratchFolder(root);
  const file = path.join(folder, 'zones.json');
  try {
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '--output-to', file];
    const { output } = await runTool(root, 'dependency-cruiser', 'bin/dependency-cruise.mjs', [...args, ...(await zonedTargets(root))]);
    const report = await readJson(file);
    if (report === undefined) throw new Error(output);
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function deadCode(root) {
  await tool(root, 'knip', 'bin/knip.js', ['--no-progress']);
  return 'every file, export and package is used';
}

/** The schema in TypeScript and the migrations say the same: generating once more adds nothing. */
async function migrations(root) {
  const folder = path.join(root, 'db/platform/migrations');
  const copy = await scratchFolder(root);
  try {
    await cp(folder, copy, { recursive: true });
    const before = await readdir(copy);
    const args = ['generate', '--dialect=postgresql', '--schema=./db/platform/schema/*.ts', `--out=${path.relative(root, copy)}`];
    await tool(root, 'drizzle-kit', 'bin.cjs', args);
    const added = (await readdir(copy)).filter((name) => !before.includes(name));
    if (added.length > 0) throw new Error('the schema has changes without a migration: run "npm run db:generate"');
    return `${before.filter((name) => name.endsWith('.sql')).length} migrations, no drift`;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** What the papers name exists: paths in back quotes, seen from the root, and links, seen from the paper. */
async function citedPaths(root) {
  const names = new Set((await sourceFiles(root)).map((file) => path.basename(file)));
  const missing = [];
  let count = 0;
  const papers = await listPapers(root);
  for (const paper of papers) {
    const { quoted, linked } = citations(await readFile(path.join(root, paper), 'utf8'));
    count += quoted.length + linked.length;
    for (const cited of quoted) {
      // A bare name stands for a file that exists in several places, or whose folder was just named.
      if (!names.has(cited) && !(await exists(path.join(root, cited)))) missing.push(`${paper}: ${cited}`);
    }
    for (const cited of linked) {
      if (!(await exists(path.join(root, path.dirname(paper), cited)))) missing.push(`${paper}: ${cited}`);
    }
  }
  if (missing.length > 0) throw new Error(`cited but not there:\n${missing.join('\n')}`);
  return `${count} paths of ${papers.length} papers exist`;
}

async function listPapers(root) {
  const docs = await readdir(path.join(root, 'docs'), { recursive: true });
  return ['AGENTS.md', 'README.md', ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
}

async function versionFloors(root) {
  const { packages } = await readJson(path.join(root, 'package-lock.json'));
  const low = [];
  for (const [location, { version }] of Object.entries(packages)) {
    const floor = SECURITY_FLOORS[location.split('node_modules/').at(-1)];
    if (floor && compareVersions(version, floor) < 0) low.push(`${location} is ${version}, the floor is ${floor}`);
  }
  if (low.length > 0) throw new Error(low.join('\n'));
  return Object.entries(SECURITY_FLOORS).map(([name, floor]) => `${name} ≥ ${floor}`).join(', ');
}

/** Anyone must be able to install from the registry they use: the lock names none. */
async function lockFile(root) {
  const { packages, lockfileVersion } = await readJson(path.join(root, 'package-lock.json'));
  const located = Object.keys(packages).filter((location) => packages[location].resolved !== undefined && !packages[location].link);
  if (located.length > 0) throw new Error(`${located.length} packages name a host, ${located[0]} first`);
  const unchecked = Object.entries(packages).filter(([location, entry]) => location !== '' && !entry.integrity && !entry.link && !entry.optional);
  if (unchecked.length > 0) throw new Error(`${unchecked.length} packages have no checksum, ${unchecked[0][0]} first`);
  const missing = await missingOptionalPackages(path.join(root, 'package-lock.json'));
  if (missing.length > 0) {
    throw new Error(`${missing.length} optional packages are not in the lock (${missing[0].name} first), so a clean install fails: run "node scripts/complete-lock.mjs"`);
  }
  return `version ${lockfileVersion}, ${Object.keys(packages).length - 1} packages, no host`;
}

/** Inside the project, because some tools only write below it. */
async function scratchFolder(root) {
  const parent = path.join(root, 'node_modules/.cache');
  await mkdir(parent, { recursive: true });
  return mkdtemp(path.join(parent, 'studio-'));
}

async function tool(root, name, script, args) {
  const { code, output } = await runTool(root, name, script, args);
  if (code !== 0) throw new Error(output);
  return output;
}

function runTool(root, name, script, args) {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NEXT_TELEMETRY_DISABLED: '1' };
  return run(process.execPath, [path.join(root, 'node_modules', name, script), ...args], { cwd: root, env, timeoutMs: 300_000 });
}

async function zonedTargets(root) {
  const names = await readdir(root);
  return names.filter((name) => [...ZONED, 'tests', 'scripts', 'bench'].includes(name) || /\.(ts|mjs)$/.test(name));
}

async function sourceFiles(root) {
  const files = [];
  for (const folder of ZONED) {
    const entries = await readdir(path.join(root, folder), { recursive: true });
    files.push(...entries.filter((name) => /(?<!\.d)\.tsx?$/.test(name)).map((name) => `${folder}/${name}`));
  }
  return files;
}

function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  for (const index of [0, 1, 2]) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return 0;
}

async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}
