import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { configured } from '../../scripts/lib/programs.mjs';

/**
 * Builds the least Next app that shows an organization's projects, from `bench/floors/next`. It lies inside the
 * repository, where its packages are found and the statements of the product can be taken from it.
 */
export async function buildBareNext(root: string): Promise<string> {
  const folder = path.join(root, 'artifacts/bench-next');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(path.join(root, 'bench/floors/next'), path.join(folder, 'app'), { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await writeFile(path.join(folder, 'tsconfig.json'), `${JSON.stringify({ compilerOptions: { jsx: 'react-jsx', moduleResolution: 'bundler', module: 'ESNext', paths: { '@/*': ['../../*'] } } })}\n`);
  const settings = { turbopack: { root }, serverExternalPackages: ['ioredis', 'pg'], typescript: { ignoreBuildErrors: true } };
  await writeFile(path.join(folder, 'next.config.mjs'), `export default ${JSON.stringify(settings)};\n`);
  await promisify(execFile)(process.execPath, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: folder,
    env: { PATH: configured('PATH') ?? '', HOME: configured('HOME') ?? '', NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  return folder;
}
