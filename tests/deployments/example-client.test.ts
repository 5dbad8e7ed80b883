import { parseEnv } from 'node:util';
import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { readLogs } from '@/lib/deployments/log/read-logs';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { exportEnv } from '@/lib/projects/env/export-env';
import { keyVariable } from '@/lib/projects/env/manifest';
import { isPublicName } from '@/lib/projects/env/variable-rules';
import { TOKEN } from '../local-cloud/railway/support';
import { stepUp } from '../projects/support';
import { launchBrowser } from '../support/chromium';
import { serverFindings } from './support/example';
import { testDeployments, type TestDeployments } from './support/studio';

const own = [
  { name: 'DATABASE_URL', value: 'postgres://app:unmistakable-password-of-the-database@db.test/app', secret: true },
  { name: 'SESSION_SECRET', value: 'unmistakable-secret-of-sessions', secret: true },
  { name: 'PRICE_LIST', value: 'unmistakable-but-readable-setting', secret: false },
  { name: 'NEXT_PUBLIC_TITLE', value: 'a title that the client does not ask for', secret: false },
];

/** The whole way: variables of the product, a build on the local Railway, and a real browser that keeps what it gets. */
describe('the example, deployed with all variables of its project', () => {
  let studio: TestDeployments;
  let browser: Browser;
  let env: Record<string, string>;
  let atRailway: Record<string, string>;
  let buildLog: string;
  const got = new Map<string, string>();
  let shown: string | null;

  beforeAll(async () => {
    [studio, browser] = await Promise.all([testDeployments(), launchBrowser()]);
    const project = await studio.newProject('Notes');
    await changeVariables(studio.owner.ctx, project, { variables: own });
    await stepUp(studio);
    env = Object.fromEntries(Object.entries(parseEnv(await exportEnv(studio.owner.ctx, project))).map(([name, value]) => [name, value ?? '']));
    const { id } = await createDeployment(studio.owner.ctx, project, { source: { kind: 'example' } });
    const { status, url } = await studio.ended(project, id);
    buildLog = (await readLogs(studio.owner.ctx, project, id, { kind: 'build' })).lines.map(({ message }) => message).join('\n');
    if (status !== 'SUCCESS') throw new Error(`the example was not deployed: ${buildLog}`);
    const [at] = await studio.raw<{ projectId: string; serviceId: string; environmentId: string }>(
      `select r.railway_project_id as "projectId", s.railway_service_id as "serviceId", s.railway_environment_id as "environmentId"
         from services s join railway_projects r on r.project_id = s.project_id join projects p on p.id = s.project_id where p.public_id = $1`,
      [project],
    );
    if (at === undefined) throw new Error('the service is not at Railway');
    atRailway = await studio.owner.ctx.railway.withToken(TOKEN).getVariables(at);

    const page = await browser.newPage();
    page.on('response', (response) => {
      void response.text().then((text) => got.set(`${response.request().method()} ${response.url()}`, text), () => undefined);
    });
    await page.goto(url ?? '');
    const line = page.getByRole('status');
    await line.filter({ hasText: 'Appwrite' }).waitFor();
    shown = await line.textContent();
    await page.getByLabel('New note').fill('written in a browser');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('listitem').filter({ hasText: 'written in a browser' }).waitFor();
    got.set('the page as it stands', await page.content());
  });

  afterAll(async () => {
    await browser.close();
    await studio.close();
  });

  it('was built by the script of its package, with the key at hand', () => {
    expect(buildLog).toContain('$ npm run build');
    expect(buildLog).toContain('Built dist/client.js.');
    expect(env[keyVariable]).toMatch(/^standard_/);
    expect(env).toMatchObject(Object.fromEntries(own.map(({ name, value }) => [name, value])));
    expect(Object.fromEntries(Object.entries(atRailway).filter(([name]) => !name.startsWith('RAILWAY_')))).toEqual(env);
  });

  it('tells a person, from the browser, which backend it talks to and that it answers', () => {
    expect(shown).toBe(`Appwrite at ${studio.appwrite.url}, project ${env['APPWRITE_PROJECT_ID']}, answers this browser.`);
  });

  it('puts into the script what is public and asked for, and nothing else', () => {
    const [script = ''] = [...got].filter(([what]) => what.endsWith('/client.js')).map(([, text]) => text);
    expect(script).toContain(`const endpoint = "${studio.appwrite.url}";`);
    expect(script).toContain(`const project = "${env['NEXT_PUBLIC_APPWRITE_PROJECT_ID']}";`);
    expect(script).not.toContain(env['NEXT_PUBLIC_TITLE']);
  });

  it('gives the browser no secret and no name of the server, in any file', () => {
    expect([...got.keys()].map((what) => what.replace(/http:\/\/[^/]*/, ''))).toEqual(expect.arrayContaining(['GET /', 'GET /client.js', 'the page as it stands']));
    expect([...got].flatMap(([what, text]) => serverFindings(text, env).map((found) => `${found} in ${what}`))).toEqual([]);
    // The same search finds all of them where they are.
    const whole = Object.entries(env).map(([name, value]) => `${name}=${value}`).join('\n');
    expect(serverFindings(whole, env)).toEqual(expect.arrayContaining([keyVariable, `the value of ${keyVariable}`, 'APPWRITE_ENDPOINT', 'the value of DATABASE_URL', 'SESSION_SECRET', 'the value of PRICE_LIST']));
    expect(serverFindings(Buffer.from(env[keyVariable] ?? '').toString('base64'), env)).toEqual([`the value of ${keyVariable}`]);
  });

  it('gets the key under its own name alone, and no public one can be set to it', async () => {
    const key = env[keyVariable] ?? '';
    expect(Object.entries(env).filter(([, value]) => value.includes(key)).map(([name]) => name)).toEqual([keyVariable]);
    expect(Object.keys(env).filter(isPublicName)).toEqual(['NEXT_PUBLIC_APPWRITE_ENDPOINT', 'NEXT_PUBLIC_APPWRITE_PROJECT_ID', 'NEXT_PUBLIC_TITLE']);
    const project = await studio.newProject('Refused');
    for (const value of [key, `\${{${keyVariable}}}`, `$${keyVariable}`]) {
      for (const input of [{ variables: [{ name: 'NEXT_PUBLIC_X', value }] }, { dotenv: `NEXT_PUBLIC_X='${value}'\n` }, { variables: [{ name: 'NEXT_PUBLIC_X', value }], preview: true }]) {
        await expect(changeVariables(studio.owner.ctx, project, input)).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringMatching(/NEXT_PUBLIC_X goes to browsers, .* Choose another name/) });
      }
    }
    await stepUp(studio);
    expect(await exportEnv(studio.owner.ctx, project)).not.toContain('NEXT_PUBLIC_X');
  });
});
