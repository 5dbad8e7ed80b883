import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseDotenv } from '@/lib/projects/env/dotenv';
import { envText, generatedNames, keyVariable, openVariables } from '@/lib/projects/env/manifest';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { launchBrowser } from '../support/chromium';
import { listen } from '../support/listen';
import { waitFor } from '../support/wait-for';
import { buildExample, copyExample, serverFindings } from './support/example';

const text = envText([
  ...openVariables({ endpoint: 'https://appwrite.test/v1', appwriteProjectId: 'notes-project' }),
  { name: keyVariable, value: `standard_${'5ec4e7'.repeat(40)}` },
  { name: 'DATABASE_URL', value: 'postgres://app:unmistakable-password@db.test/app' },
]);
const variablesOf = (dotenv: string) => Object.fromEntries(parseDotenv(dotenv).assignments.map(({ name, value }) => [name, value]));
const env = variablesOf(text);

let example: Awaited<ReturnType<typeof copyExample>>;
beforeEach(async () => {
  example = await copyExample();
});
afterEach(() => example.remove());

const read = (file: string) => readFile(path.join(example.folder, file), 'utf8');
const write = (file: string, content: string) => writeFile(path.join(example.folder, file), content);
const built = () => readdir(path.join(example.folder, 'dist'), { recursive: true }).catch(() => []);

describe('a build of the example', () => {
  it('has every variable of a manifest at hand, and leaves no secret and no name of the server in what it writes', async () => {
    expect(Object.keys(env)).toEqual([...generatedNames, 'DATABASE_URL']);
    expect(await buildExample(example.folder, env)).toEqual({ ok: true, output: 'Built dist/client.js.\n' });
    expect(await built()).toEqual(['client.js']);
    const script = await read('dist/client.js');
    expect(script).toContain('"https://appwrite.test/v1"');
    expect(script).toContain('"notes-project"');
    expect(script).not.toContain('process');
    expect(serverFindings(script, env)).toEqual([]);
  });

  it.each([
    ['a variable of the server', 'const key = process.env.APPWRITE_API_KEY;', 'process.env.APPWRITE_API_KEY'],
    ['one behind a public one', 'const both = process.env.NEXT_PUBLIC_APPWRITE_ENDPOINT + process.env.DATABASE_URL;', 'process.env.DATABASE_URL'],
    ['a name that only begins like one', 'const key = process.env.NEXT_PUBLIC;', 'process.env.NEXT_PUBLIC'],
    ['a public name of other build tools', 'const key = process.env.VITE_KEY;', 'process.env.VITE_KEY'],
    ['a name that is put together', 'const key = process.env["APPWRITE_" + "API_KEY"];', 'process.env'],
    ['a name out of all', 'const { APPWRITE_API_KEY } = process.env;', 'process.env'],
    ['a way around', 'const key = globalThis.process.env.APPWRITE_API_KEY;', 'process.env.APPWRITE_API_KEY'],
    ['another name for all of them', 'const p = process;', 'process'],
  ])('fails on %s in the code for browsers, and says where', async (_what, line, named) => {
    await write('client.mjs', `// first\n${line}\n${await read('client.mjs')}`);
    const { ok, output } = await buildExample(example.folder, env);
    expect(ok).toBe(false);
    expect(output).toBe(`client.mjs, line 2: ${named} is for the server alone. Code for browsers may only use process.env.NEXT_PUBLIC_…, each name written out.\n`);
    expect(await built()).toEqual([]);
  });

  it('writes values as they are, and a variable that is not set as undefined', async () => {
    await write('client.mjs', 'export const values = [process.env.NEXT_PUBLIC_A, process.env.NEXT_PUBLIC_B, process.env.NEXT_PUBLIC_A_B, process.env.NEXT_PUBLIC_C];\n');
    const odd = 'a "quoted" \\ $& $1 `x` ${y} </script>\nline \u2028 process.env.APPWRITE_API_KEY';
    expect(await buildExample(example.folder, { ...env, NEXT_PUBLIC_A: odd, NEXT_PUBLIC_A_B: 'longer', NEXT_PUBLIC_C: '' })).toMatchObject({ ok: true });
    const { values }: { values: unknown } = await import(/* @vite-ignore */ pathToFileURL(path.join(example.folder, 'dist/client.js')).href);
    expect(values).toEqual([odd, undefined, 'longer', '']);
  });

  it('takes the variables from a .env that lies there, and the ones of its environment before them', async () => {
    await write('.env', text);
    expect(await buildExample(example.folder, { NEXT_PUBLIC_APPWRITE_PROJECT_ID: 'another' })).toMatchObject({ ok: true });
    const script = await read('dist/client.js');
    expect(script).toContain('"https://appwrite.test/v1"');
    expect(script).toContain('"another"');
    expect(serverFindings(script, env)).toEqual([]);
  });
});

describe('the example on a downloaded .env, without a build', () => {
  // It only asks whether its tables are there.
  const there: RequestListener = (_, response) => response.writeHead(409, { 'content-type': 'application/json' }).end('{"message":"there already","code":409,"type":"conflict"}');

  it('serves the same script as a build writes, and none of its other files', async () => {
    const appwrite = createServer(there);
    const own = text.replaceAll('https://appwrite.test', await listen(appwrite));
    await write('.env', own);
    const port = await anyFreePort();
    const server = spawn(process.execPath, ['server.mjs'], { cwd: example.folder, env: { NODE_ENV: 'production', PORT: String(port) }, stdio: 'ignore' });
    const ask = (target: string) => fetch(`http://127.0.0.1:${port}${target}`);
    try {
      const script = await waitFor(() => ask('/client.js').then((answer) => answer.text(), () => undefined), { what: 'the example to serve' });
      expect(await built()).toEqual([]);
      for (const file of ['/.env', '/bundle.mjs', '/backend.mjs', '/client.mjs', '/dist/client.js', '/..%2f.env', '/package.json']) expect([file, (await ask(file)).status]).toEqual([file, 404]);
      expect(serverFindings(script, variablesOf(own))).toEqual([]);
      expect(await buildExample(example.folder, {})).toMatchObject({ ok: true });
      expect(script).toBe(await read('dist/client.js'));
    } finally {
      if (server.kill()) await once(server, 'exit');
      appwrite.close();
    }
  });
});

describe('what the page says in a browser', () => {
  let browser: Browser;
  let appwrite: Server;
  let url: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    // As the server answers a page on a hostname that it does not know: without leave to read it.
    appwrite = createServer((_, response) => response.writeHead(403, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }).end('{"type":"general_unknown_origin","code":403}'));
    url = `${await listen(appwrite)}/v1`;
  });
  afterAll(async () => {
    await browser.close();
    appwrite.close();
    appwrite.closeAllConnections();
  });

  async function said(variables: Record<string, string>): Promise<string | null> {
    expect(await buildExample(example.folder, variables)).toMatchObject({ ok: true });
    const script = await read('dist/client.js');
    const page = createServer((request, response) => {
      const [type, body] = request.url === '/client.js' ? ['text/javascript', script] : ['text/html', '<!doctype html><p id="backend" role="status"></p><script type="module" src="/client.js"></script>'];
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const tab = await browser.newPage();
    try {
      await tab.goto(await listen(page));
      const status = tab.getByRole('status');
      await status.filter({ hasText: /appwrite/i }).waitFor();
      return await status.textContent();
    } finally {
      await tab.close();
      page.close();
      page.closeAllConnections();
    }
  }

  it('is what to do when its hostname is not known', async () => {
    expect(await said({ NEXT_PUBLIC_APPWRITE_ENDPOINT: url, NEXT_PUBLIC_APPWRITE_PROJECT_ID: 'p' })).toBe(
      `Appwrite at ${url}, project p, takes no requests from pages on 127.0.0.1. Add this hostname in Studio, in the settings of the project.`,
    );
  });

  it('is that nobody answers', async () => {
    const closed = `http://127.0.0.1:${await anyFreePort()}/v1`;
    expect(await said({ NEXT_PUBLIC_APPWRITE_ENDPOINT: closed, NEXT_PUBLIC_APPWRITE_PROJECT_ID: 'p' })).toBe(`Appwrite at ${closed}, project p, cannot be reached from this browser.`);
  });

  it('is which variables were missing', async () => {
    expect(await said({})).toBe('NEXT_PUBLIC_APPWRITE_ENDPOINT and NEXT_PUBLIC_APPWRITE_PROJECT_ID were not set when this page was built. Set them and build again.');
  });
});
