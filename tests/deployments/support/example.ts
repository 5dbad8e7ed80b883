import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyVariable } from '@/lib/projects/env/manifest';
import { isPublicName } from '@/lib/projects/env/variable-rules';

const example = fileURLToPath(new URL('../../../examples/notes', import.meta.url));
const packages = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** A copy of the example in a folder of its own, to build it and to change it. */
export async function copyExample(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'example-'));
  const left = new Set(['node_modules', 'dist', '.env']);
  await cp(example, folder, { recursive: true, filter: (file) => file === example || !left.has(path.basename(file)) });
  await symlink(packages, path.join(folder, 'node_modules'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs the example's build in a process that knows these variables and nothing else. */
export function buildExample(folder: string, env: Readonly<Record<string, string>>): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['build.mjs'], { cwd: folder, env: { NODE_ENV: 'production', ...env } }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stdout + stderr });
    });
  });
}

/** What of the server is in a text for browsers: names of its variables, their values that no public one has, and the key whoever has it. */
export function serverFindings(text: string, env: Readonly<Record<string, string>>): string[] {
  const open = new Set(Object.entries(env).filter(([name]) => isPublicName(name)).map(([, value]) => value));
  return Object.entries(env).filter(([name]) => !isPublicName(name)).flatMap(([name, value]) => [
    ...(new RegExp(`(?<!\\w)${name}(?!\\w)`).test(text) ? [name] : []),
    ...((name === keyVariable || !open.has(value)) && writings(value).some((writing) => text.includes(writing)) ? [`the value of ${name}`] : []),
  ]);
}

/** A value as it is, and as it may stand in a script, in HTML, in a URL, or encoded. */
function writings(value: string): string[] {
  const bytes = Buffer.from(value);
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), value.replaceAll('&', '&amp;'), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')];
}
