import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, Cloud, openFolder, Service } from './support';

let cloud: Cloud;

beforeAll(async () => {
  cloud = new Cloud(await openFolder());
  await cloud.start();
});
afterAll(() => cloud.remove());

/** An app that answers what its build wrote down; the build uses a package that is there for work alone. */
function built(build: string): Record<string, string> {
  return {
    ...app("readFileSync('built.txt', 'utf8')", "import { readFileSync } from 'node:fs';"),
    'package.json': JSON.stringify({ name: 'app', scripts: { build, start: 'node app.mjs' }, devDependencies: { writer: 'file:./writer' } }),
    'writer/package.json': JSON.stringify({ name: 'writer', version: '1.0.0', type: 'module', main: 'index.js' }),
    'writer/index.js': "import { writeFileSync } from 'node:fs';\nexport default (text) => writeFileSync('built.txt', text);",
    'build.mjs': "import write from 'writer';\nwrite(`built with ${process.env.GREETING}`);\nconsole.log('wrote it');",
  };
}

async function deployed(name: string, files: Record<string, string>, settings: object = {}): Promise<{ service: Service; status: string; log: string }> {
  await cloud.push(name, files);
  const service = await Service.create(cloud, name, settings);
  await service.setVariables({ GREETING: 'good day', NODE_ENV: 'production' });
  const id = await service.deploy();
  const status = await service.settle(id);
  return { service, status, log: await service.messages('build', id) };
}

describe('a build', () => {
  it('runs the build script of the package with the variables of the app, and gets what is there for work alone', async () => {
    const { service, status, log } = await deployed('built', built('node build.mjs'));
    expect(status, log).toBe('SUCCESS');
    expect(log).toMatch(/\$ npm install --include=dev[^]*\$ npm run build[^]*wrote it/);
    expect(await service.text()).toBe('built with good day');
  });

  it('runs the command that was set in the place of the script', async () => {
    const { service, status, log } = await deployed('set', built('exit 9'), { buildCommand: 'printf "by hand" > built.txt' });
    expect(status, log).toBe('SUCCESS');
    expect(log).not.toContain('npm run build');
    expect(await service.text()).toBe('by hand');
  });

  it('fails with its script and says so', async () => {
    const { status, log } = await deployed('failing', built('echo it is broken >&2; exit 9'));
    expect(status).toBe('FAILED');
    expect(log).toContain('it is broken');
    expect(log).toContain('The command ended with code 9.');
  });

  it('is not there where nothing names one', async () => {
    for (const [name, files] of Object.entries({ plain: app("'plain'"), empty: { ...app("'plain'"), 'package.json': JSON.stringify({ scripts: { start: 'node app.mjs', build: ' ' }, devDependencies: { missing: 'file:./nowhere' } }) } })) {
      const { service, status, log } = await deployed(name, files);
      expect(status, log).toBe('SUCCESS');
      expect(log).not.toContain('$ npm');
      expect(await service.text()).toBe('plain');
    }
  });
});
