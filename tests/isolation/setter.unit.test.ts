import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { figure } from '../support/figure';

const root = path.resolve(import.meta.dirname, '../..');
const product = ['app', 'db', 'lib', 'scripts'];
const entries = ['server.ts', 'worker.ts', 'migrate.ts'];

async function sources(): Promise<{ file: string; text: string }[]> {
  const names = await Promise.all(product.map(async (folder) => (await readdir(path.join(root, folder), { recursive: true })).map((name) => path.join(folder, name))));
  const files = [...names.flat(), ...entries].filter((name) => /\.(ts|tsx|mts|mjs|sql)$/.test(name));
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(path.join(root, file), 'utf8') })));
}

async function filesWith(pattern: RegExp): Promise<string[]> {
  return (await sources()).filter(({ text }) => pattern.test(text)).map(({ file }) => file).sort();
}

test('R8: one file sets the context, by one function', async (context) => {
  const files = await filesWith(/set\s+local\s+(?!role|lock_timeout|statement_timeout)/i);
  const client = await readFile(path.join(root, 'db/platform/client.ts'), 'utf8');
  const sites = client.match(/`set local \$\{/g) ?? [];
  figure(context, { requirements: ['R8'], what: 'Files that set the context, and places in them', reached: `${files.length} and ${sites.length}`, bound: '1 and 1', pass: files.length === 1 && sites.length === 1 });
  expect(files).toEqual(['db/platform/client.ts']);
});

test('R8: nobody sets anything for a session, and set_config is only taken away', async () => {
  expect(await filesWith(/set_config\s*\(/i)).toEqual(['db/platform/catalog-rules.ts', 'db/platform/guard.ts']);
  expect(await filesWith(/set\s+session|set\s+app\./i)).toEqual([]);
});

test('system roles are assumed in one file', async () => {
  expect(await filesWith(/set\s+local\s+role\s|set\s+session\s+authorization/i)).toEqual(['db/platform/client.ts']);
});

test('the pool stays in its file: verbs get a transaction and nothing wider', async () => {
  const client = await readFile(path.join(root, 'db/platform/client.ts'), 'utf8');
  expect(client).not.toMatch(/export (const|function) \w*pool/i);
  const drivers = await filesWith(/from 'pg'/);
  expect(drivers.filter((file) => !file.startsWith('db/platform/') && !file.startsWith('lib/local-cloud/') && !file.startsWith('scripts/'))).toEqual([]);
});
