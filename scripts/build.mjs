// Builds everything that `up` and the container run: the processes with esbuild, the pages with Next.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeJson } from './lib/files.mjs';
import { BUILD_STAMP, hashSources } from './lib/sources.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const REQUIRED = ['server', 'worker', 'migrate', 'local-cloud'];
const OPTIONAL = ['demo'];

process.chdir(root);
const sources = await hashSources(root);
await rm(path.join(root, BUILD_STAMP), { force: true });
await buildProcesses();
if (!process.argv.includes('--processes-only')) {
  buildPages();
  // The stamp comes last: a build that was cut short is built again.
  await writeJson(path.join(root, BUILD_STAMP), { sources });
}

async function buildProcesses() {
  const missing = REQUIRED.filter((name) => !existsSync(`${name}.ts`));
  if (missing.length > 0) throw new Error(`no source for ${missing.map((name) => `${name}.ts`).join(', ')}`);
  const names = [...REQUIRED, ...OPTIONAL.filter((name) => existsSync(`${name}.ts`))];
  await mkdir('dist', { recursive: true });
  const { metafile } = await build({
    metafile: true,
    entryPoints: names.map((name) => `${name}.ts`),
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    tsconfig: 'tsconfig.json',
    // Next's own bundler gives this name a meaning; elsewhere it stands for nothing.
    alias: { 'server-only': './scripts/lib/empty.mjs' },
    sourcemap: true,
    logLevel: 'warning',
  });
  refuseUnresolved(metafile);
  // The page of the API reference needs this one file of a package that is large and only needed here.
  await copyFile('node_modules/@scalar/api-reference/dist/browser/standalone.js', 'dist/api-reference.js');
}

/** A path of ours that leads nowhere looks like a package to the bundler, and would only fail at the start. */
function refuseUnresolved({ inputs }) {
  for (const [file, { imports }] of Object.entries(inputs)) {
    const lost = imports.find(({ external, path: target }) => external && target.startsWith('@/'));
    if (lost) throw new Error(`${file} imports ${lost.path}, which does not exist`);
  }
}

function buildPages() {
  const next = path.join(root, 'node_modules/next/dist/bin/next');
  const result = spawnSync(process.execPath, [next, 'build'], {
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
