import { compactVerify, createRemoteJWKSet } from 'jose';
import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';
import { expect as expectPage, type Browser, type Locator } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/chromium';
import { withClient } from '../support/postgres';
import { ownRedis, type OwnRedis } from '../support/redis';
import { startStudio, type RunningStudio } from '../support/studio';
import { password, tokenOf } from '../support/visitor';
import { findCanaries } from './canaries';
import { arrive, askApi, manyAttempts, openLetter, register, signIn, type Person } from './person';
import { keepScreenshot } from './screenshots';
import { addFault, clearFaults } from './stand-in';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../examples/notes', import.meta.url));

/** What a person gets, told in order: each chapter stands on the ones before it. */
describe('the story', () => {
  let redis: OwnRedis;
  let studio: RunningStudio;
  let browser: Browser;
  let folder: string;
  let ada: Person;
  let grace: Person;
  /** The address of the project's pages, and where its variables were put. */
  let projectUrl = '';
  let envFile = '';
  let rowId = '';
  const canaries = new Map<string, string>([['password', password]]);

  beforeAll(async () => {
    redis = await ownRedis();
    [studio, browser, folder] = await Promise.all([startStudio({ redisUrl: redis.url, env: manyAttempts }), launchBrowser(), mkdtemp(path.join(tmpdir(), 'studio-story-'))]);
    [ada, grace] = await Promise.all([arrive(browser, studio, 'Ada'), arrive(browser, studio, 'Grace')]);
  });

  afterAll(async () => {
    await browser.close();
    await studio.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the example app on the downloaded variables, with another key when one is given, in a process that knows nothing else. */
  async function runExample(key?: string): Promise<{ ok: boolean; output: string }> {
    const env = { NODE_ENV: 'production' as const, ...parseEnv(await readFile(envFile, 'utf8')), ...(key === undefined ? {} : { APPWRITE_API_KEY: key }) };
    return run(process.execPath, ['check.mjs'], { cwd: example, env, timeout: 60_000 }).then(
      ({ stdout }) => ({ ok: true, output: stdout }),
      (error: unknown) => ({ ok: false, output: String(error) }),
    );
  }

  let failed: string | undefined;

  // A chapter that cannot work any more says so at once, instead of waiting for what will not come.
  beforeEach(({ task, onTestFailed }) => {
    if (failed !== undefined) throw new Error(`"${failed}" failed before`);
    onTestFailed(async () => {
      failed = task.name;
      await Promise.all([ada, grace].map((person) => keepScreenshot(person.page, `failed-story-${person.firstName}`)));
    });
  });

  /** Reads the secret that is shown once, notes it down, and checks that it does not go away by accident but for good. */
  async function takeSecret({ page }: Person, title: string, name: string): Promise<void> {
    const shown = page.getByRole('dialog', { name: title });
    const secret = await shown.getByLabel('secret', { exact: true }).inputValue();
    expect(secret).toMatch(/^(standard|stu)_/);
    canaries.set(name, secret);
    await page.keyboard.press('Escape');
    await expectPage(shown).toBeVisible();
    await shown.getByLabel('I have put it in a safe place').check();
    await shown.getByRole('button', { name: 'Done' }).click();
    await page.reload();
    await expectPage(page.getByRole('button', { name: /^Create/ }).first()).toBeVisible();
    expect(await page.content()).not.toContain(secret);
  }

  async function goTo(person: Person, entry: string): Promise<void> {
    await person.page.getByRole('complementary', { name: 'Sidebar' }).getByRole('link', { name: entry, exact: true }).click();
  }

  it('signs up, confirms by the letter and is signed in', async () => {
    const { page } = ada;
    await page.goto('/sign-up');
    await register(ada);
    canaries.set('confirmation token', tokenOf(await openLetter(ada, studio, /confirm/i)));
    await expectPage(page).toHaveURL(/\/verify-email$/);
    await page.getByRole('button', { name: 'Confirm and sign in' }).click();
    await expectPage(page.getByRole('heading', { name: 'Create your first organization' })).toBeVisible();
    canaries.set('session', (await ada.context.cookies()).find(({ name }) => name.includes('session'))?.value ?? '');
  });

  it('creates an organization', async () => {
    const { page } = ada;
    await page.getByLabel('Name', { exact: true }).fill('Analytical Engines');
    await page.getByRole('button', { name: 'Create organization' }).click();
    await expectPage(page).toHaveURL(/\/analytical-engines$/);
    await expectPage(page.getByText('No projects yet')).toBeVisible();
  });

  it('creates a project and watches the steps live, through kill -9 of the worker', async () => {
    const { page } = ada;
    await addFault(studio, { method: 'POST', path: '/v1/**', effect: { kind: 'delay', ms: 1_200 } });
    await addFault(studio, { method: 'GET', path: '/v1/users', effect: { kind: 'delay', ms: 800 } });
    await page.getByRole('link', { name: 'Create project' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Notes');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(/\/projects\/prj_/);
    projectUrl = page.url();

    const steps = page.getByRole('list', { name: 'Steps' });
    const watching = watch(steps);
    await expectPage(steps.getByRole('listitem').filter({ hasText: 'Create in Appwrite' })).toHaveAttribute('data-state', 'running');
    await studio.workers[0]?.kill();
    // Long enough to see that nothing half-made is shown as ready while nobody works on it.
    await page.waitForTimeout(1_500);
    await expectPage(page.getByText('Ready', { exact: true }).and(page.locator('[class*=good]'))).toHaveCount(0);
    await page.reload();
    await expectPage(steps.getByRole('listitem').filter({ hasText: 'Create in Appwrite' })).toHaveAttribute('data-state', 'running');
    await studio.startWorker();

    await expectPage(page.getByRole('heading', { name: 'Connect your app' })).toBeVisible({ timeout: 45_000 });
    const seen = await watching;
    expect([...seen]).toEqual(
      expect.arrayContaining(['Reserve: done', 'Create in Appwrite: running', 'Create in Appwrite: done', 'Check health: waiting', 'Check health: running', 'Mint key: waiting', 'Mint key: running']),
    );
    await clearFaults(studio);
  });

  it('sets variables from the text of a .env, shows first what changes, and then a secret to nobody', async () => {
    const { page } = ada;
    const secret = `story-${randomBytes(12).toString('hex')}`;
    canaries.set('variable', secret);
    await page.goto(`${projectUrl}/env`);
    await page.getByRole('button', { name: 'Edit variables' }).click();
    const editor = page.getByRole('dialog', { name: 'Variables of production' });
    const review = editor.getByRole('button', { name: 'Review changes' }).filter({ visible: true });
    await editor.getByRole('tab', { name: 'Paste a .env' }).click();
    await editor.getByLabel('Text of the file').fill(`# pasted\nSTORY_SECRET='${secret}'\nMY VAR=1\n`);
    await review.click();
    await expectPage(editor.getByText('Line 3: "MY VAR" is no name for a variable.')).toBeVisible();
    await editor.getByLabel('Text of the file').fill(`# pasted\nSTORY_SECRET='${secret}'\nNEXT_PUBLIC_TITLE="Ada's notes"\nAPPWRITE_ENDPOINT=https://elsewhere.test\n`);
    await review.click();
    const changes = editor.getByRole('region', { name: 'Changes' });
    await expectPage(changes.getByRole('listitem')).toHaveText(['STORY_SECRET', 'NEXT_PUBLIC_TITLE', 'APPWRITE_ENDPOINT']);
    await changes.getByRole('button', { name: 'Save' }).click();
    await expectPage(page.getByText('Variables saved')).toBeVisible();
    const table = page.getByRole('region', { name: 'Variables' });
    await expectPage(table.getByRole('row').filter({ hasText: 'NEXT_PUBLIC_TITLE' })).toContainText("Ada's notes");
    await expectPage(table.getByRole('row').filter({ hasText: 'STORY_SECRET' })).toContainText('Secret');
    await page.reload();
    await expectPage(table.getByRole('row').filter({ hasText: 'STORY_SECRET' })).toContainText('shown to nobody');
    expect(await page.content()).not.toContain(secret);
    await page.goto(projectUrl);
  });

  it('shows the variables, and copies and downloads them after the password', async () => {
    const { page } = ada;
    for (const name of ['APPWRITE_ENDPOINT', 'APPWRITE_PROJECT_ID', 'APPWRITE_API_KEY']) {
      await expectPage(page.getByText(name, { exact: true }).first()).toBeVisible();
    }
    await expectPage(page.getByLabel('APPWRITE_ENDPOINT', { exact: true })).toHaveValue(studio.appwriteUrl);

    // As if the sign-in, which counts as giving the password, were some minutes ago.
    await withClient(studio.database.ownerUrl, (client) => client.query(`update user_sessions set stepped_up_at = now() - interval '6 minutes'`));
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download .env' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your password, please' });
    await dialog.getByLabel('Password').fill('not-my-password-1');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await expectPage(dialog.getByText(/password/i).filter({ hasText: /wrong|not right|does not/i }).first()).toBeVisible();
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/env/);
    envFile = path.join(folder, 'notes.env');
    await download.saveAs(envFile);

    const text = await readFile(envFile, 'utf8');
    const variables = parseEnv(text);
    expect(variables).toMatchObject({ APPWRITE_ENDPOINT: studio.appwriteUrl, APPWRITE_PROJECT_ID: expect.stringMatching(/^[0-9a-f]{32}$/), APPWRITE_API_KEY: expect.stringMatching(/^standard_/) });
    expect(variables['APPWRITE_PROJECT']).toBe(variables['APPWRITE_PROJECT_ID']);
    expect(variables).toMatchObject({ APPWRITE_ENDPOINT: studio.appwriteUrl, STORY_SECRET: canaries.get('variable'), NEXT_PUBLIC_TITLE: "Ada's notes" });
    canaries.set('Appwrite key', variables['APPWRITE_API_KEY'] ?? '');

    await page.getByRole('button', { name: 'Copy all' }).click();
    await expectPage(page.getByText('All variables copied')).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  });

  it('runs the example app on them, and finds its row and its file in the studio', async () => {
    const { page } = ada;
    const firstRequest = page.getByRole('status', { name: 'First request' });
    await expectPage(firstRequest).toContainText('Waiting for the first request');
    const { ok, output } = await runExample();
    expect(ok, output).toBe(true);
    await expectPage(firstRequest).toContainText('First request received, just now');
    const result: { row: string; text: string } = JSON.parse(output);
    rowId = result.row;
    await goTo(ada, 'Data');
    const rows = page.getByRole('region', { name: 'Rows of Notes' });
    await expectPage(rows.getByText(rowId)).toBeVisible();
    await expectPage(rows.getByText(result.text)).toBeVisible();
    await page.getByRole('link', { name: 'Attachments' }).click();
    await expectPage(page.getByRole('region', { name: 'Files of Attachments' }).getByText('hello.txt')).toBeVisible();
  });

  it('invites a colleague, who signs up by the letter and is in', async () => {
    const { page } = ada;
    await goTo(ada, 'Members');
    await page.getByRole('button', { name: 'Invite member' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill(grace.email);
    await dialog.getByLabel('Role').selectOption('developer');
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await expectPage(page.getByRole('region', { name: 'Invitations' }).getByText(grace.email)).toBeVisible();

    canaries.set('invitation token', tokenOf(await openLetter(grace, studio, /invites you/)));
    await expectPage(grace.page.getByRole('heading', { name: 'Join Analytical Engines' })).toBeVisible();
    await grace.page.getByRole('button', { name: 'Accept invitation' }).click();
    await register(grace);
    await openLetter(grace, studio, /confirm/i);
    await grace.page.getByRole('button', { name: 'Confirm and sign in' }).click();
    await expectPage(grace.page).toHaveURL(/\/analytical-engines$/);
    await expectPage(grace.page.getByRole('link', { name: 'Notes', exact: true })).toBeVisible();
  });

  it('gives her the role of a viewer: buttons say which right is missing, and the API says so too', async () => {
    const { page } = ada;
    await page.reload();
    await page.getByLabel('Role of Grace Tester').selectOption('viewer');
    await expectPage(page.getByText('Grace Tester is now viewer')).toBeVisible();

    await grace.page.reload();
    const create = grace.page.getByRole('button', { name: 'Create project' });
    await expectPage(create).toHaveAttribute('aria-disabled', 'true');
    await create.hover();
    await expectPage(grace.page.getByRole('tooltip').filter({ hasText: 'project:create' })).toBeVisible();
    await grace.page.goto(`${projectUrl}/settings`);
    const remove = grace.page.getByRole('button', { name: 'Delete project' });
    await remove.focus();
    await expectPage(grace.page.getByRole('tooltip').filter({ hasText: 'project:delete' })).toBeVisible();

    const project = projectUrl.split('/').at(-1);
    for (const [method, path_, body, right] of [
      ['DELETE', `/projects/${project}`, { confirm_name: 'Notes' }, 'project:delete'],
      ['PATCH', `/projects/${project}`, { name: 'Hers' }, 'project:update'],
      ['POST', `/projects/${project}/env/export`, undefined, 'env:export'],
      ['POST', `/projects/${project}/env/variables`, { remove: ['STORY_SECRET'] }, 'env:write'],
    ] as const) {
      const answer = await askApi(grace, method, path_, body);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(right);
    }
  });

  it('makes a key of its own for an app, shown once, and the app runs on it', async () => {
    const { page } = ada;
    await page.goto(`${projectUrl}/keys`);
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create key' });
    await dialog.getByLabel('Name', { exact: true }).fill('Second');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await takeSecret(ada, 'Key Second', 'second Appwrite key');
    expect(await runExample(canaries.get('second Appwrite key'))).toMatchObject({ ok: true });
  });

  it('revokes that key, and the app is turned away with 401', async () => {
    const { page } = ada;
    await page.getByRole('button', { name: 'Actions for Second' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type Second to confirm').fill('Second');
    await dialog.getByRole('button', { name: 'Revoke key' }).click();
    await expectPage(page.getByRole('row').filter({ hasText: 'Second' }).getByText('Revoked', { exact: true })).toBeVisible();
    const { ok, output } = await runExample(canaries.get('second Appwrite key'));
    expect(ok).toBe(false);
    expect(output).toContain('401');
  });

  it('rotates the key of the variables: the old file is turned away, the new key works', async () => {
    const { page } = ada;
    await page.getByRole('button', { name: 'Actions for Environment variables' }).click();
    await page.getByRole('menuitem', { name: 'Rotate' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('The old key').selectOption('End at once');
    await dialog.getByRole('button', { name: 'Rotate key' }).click();
    await takeSecret(ada, 'Key Environment variables', 'rotated Appwrite key');
    await expect.poll(async () => (await runExample()).output, { timeout: 20_000 }).toContain('401');
    expect(await runExample(canaries.get('rotated Appwrite key'))).toMatchObject({ ok: true });
  });

  it('makes a key for the API of Studio itself, which works until it is revoked', async () => {
    const { page } = ada;
    await goTo(ada, 'API keys');
    await page.getByRole('button', { name: 'Create API key' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create API key' });
    await dialog.getByLabel('Name', { exact: true }).fill('Pipeline');
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await takeSecret(ada, 'API key Pipeline', 'Studio key');
    const ask = () => fetch(new URL('/api/v1/projects', studio.url), { headers: { authorization: `Bearer ${canaries.get('Studio key')}` } });
    expect((await ask()).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke Pipeline' }).click();
    const confirm = page.getByRole('dialog', { name: 'Revoke Pipeline' });
    await confirm.getByRole('button', { name: 'Revoke key' }).click();
    await expectPage(confirm).toHaveCount(0);
    expect((await ask()).status).toBe(401);
  });

  it('renames the project', async () => {
    const { page } = ada;
    await page.goto(`${projectUrl}/settings`);
    await page.getByLabel('Name', { exact: true }).fill('Field notes');
    await page.getByRole('button', { name: /^Save/ }).first().click();
    await expectPage(page.getByText('Settings saved')).toBeVisible();
    await page.goto('/analytical-engines');
    await expectPage(page.getByRole('link', { name: 'Field notes' })).toBeVisible();
  });

  it('deletes it by typing its name, and restores it with its data and its keys', async () => {
    const { page } = ada;
    await page.goto(`${projectUrl}/settings`);
    await page.getByRole('button', { name: 'Delete project' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Field notes' });
    await dialog.getByLabel('Type Field notes to confirm').fill('Field note');
    await dialog.getByRole('button', { name: 'Delete project' }).click();
    await expectPage(dialog.getByText('This is not the same text.')).toBeVisible();
    await dialog.getByLabel('Type Field notes to confirm').fill('Field notes');
    await dialog.getByRole('button', { name: 'Delete project' }).click();
    await expectPage(page).toHaveURL(/\/analytical-engines$/);
    await expectPage(page.getByRole('link', { name: 'Field notes' })).toHaveCount(0);

    await page.goto(projectUrl);
    await page.getByRole('button', { name: 'Restore project' }).click({ timeout: 30_000 });
    await expectPage(page.getByRole('heading', { name: 'Connect your app' })).toBeVisible({ timeout: 30_000 });
    await page.goto(`${projectUrl}/data`);
    await expectPage(page.getByText(rowId)).toBeVisible();
    await page.goto('/analytical-engines');
    await expectPage(page.getByRole('link', { name: 'Field notes' })).toBeVisible();
  });

  it('reads in the audit log who did what, filters and exports it', async () => {
    const { page } = ada;
    await goTo(ada, 'Audit log');
    const entries = page.getByRole('region', { name: 'Audit entries' });
    for (const action of ['project.restored', 'project.deleted', 'project.updated', 'member.role_changed', 'env.exported', 'env.changed']) {
      await expectPage(entries.getByRole('button', { name: action }).first(), action).toBeVisible();
    }
    await page.getByLabel('Outcome').selectOption('denied');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await expectPage(entries.getByRole('row').filter({ hasText: 'Grace Tester' }).first()).toBeVisible();
    await expectPage(entries.getByRole('row').filter({ hasText: 'Allowed' })).toHaveCount(0);
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    const csv = await readFile(await (await downloading).path(), 'utf8');
    const lines = csv.trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.slice(1).every((line) => line.includes('denied'))).toBe(true);
  });

  it('proves that a stranger reaches nothing of it, and takes the signed report along', async () => {
    const { page } = ada;
    await goTo(ada, 'Isolation');
    await page.getByRole('button', { name: 'Prove isolation' }).click();
    await expectPage(page.getByRole('progressbar', { name: 'Probes made' })).toBeVisible();
    const proofs = page.getByRole('region', { name: 'Proofs of isolation' });
    await expectPage(proofs.getByText('Nothing reached')).toBeVisible({ timeout: 60_000 });
    await proofs.getByRole('link').first().click();
    await expectPage(page.getByRole('heading', { name: 'The stranger could reach nothing' })).toBeVisible();
    await expectPage(page.getByRole('region', { name: 'Tables of the database' }).getByRole('row', { name: /^projects / })).toBeVisible();
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Signed JSON' }).click();
    const jws = await readFile(await (await downloading).path(), 'utf8');
    const { payload } = await compactVerify(jws, createRemoteJWKSet(new URL('/api/v1/signing-keys', studio.url)));
    expect(JSON.parse(Buffer.from(payload).toString('utf8'))).toMatchObject({ kind: 'studio.isolation-proof', leaks: 0, organization: { name: 'Analytical Engines' } });
  });

  it('sees both sessions, ends the other one, and it is out', async () => {
    const phone = await arrive(browser, studio, 'Ada');
    await signIn({ ...phone, email: ada.email });
    await ada.page.goto('/account/sessions');
    await expectPage(ada.page.getByText('This session')).toBeVisible();
    await ada.page.getByRole('button', { name: /^End session/ }).first().click();
    await expectPage(ada.page.getByRole('button', { name: /^End session/ })).toHaveCount(0);
    await phone.page.goto('/analytical-engines');
    await expectPage(phone.page).toHaveURL(/\/sign-in/);
    await phone.context.close();
  });

  it('removes the colleague, who sees nothing of it any more', async () => {
    const { page } = ada;
    await page.goto('/analytical-engines/members');
    await page.getByRole('button', { name: 'Actions for Grace Tester' }).click();
    await page.getByRole('menuitem', { name: 'Remove from organization' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove member' }).click();
    await expectPage(page.getByText('Grace Tester was removed')).toBeVisible();
    await grace.page.goto(projectUrl);
    await expectPage(grace.page.getByText('Field notes')).toHaveCount(0);
    await expectPage(grace.page.getByRole('heading', { level: 1 })).toHaveText(/not found|does not exist|nothing here|no such/i);
  });

  it('signs out, and the back button shows nothing', async () => {
    const { page } = ada;
    await page.goto('/analytical-engines');
    await page.getByRole('button', { name: 'Account of Ada Tester' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goBack();
    await expectPage(page.getByLabel('Password')).toBeVisible();
    await expectPage(page.getByRole('link', { name: 'Field notes' })).toHaveCount(0);
  });

  it('leaves no secret in any log, page, stream, cache or column', async () => {
    expect([...canaries.values()].every((value) => value.length > 12)).toBe(true);
    const documents = [...ada.documents, ...grace.documents];
    expect(documents.length).toBeGreaterThan(20);
    const { searched, hits } = await findCanaries(canaries, { studio, redisUrl: redis.url, documents });
    console.info(`canaries: ${canaries.size} secrets searched in ${searched}: ${hits.length} found`);
    expect(hits).toEqual([]);
  });

  it('was told without a complaint of the browser', () => {
    expect([...ada.complaints, ...grace.complaints]).toEqual([]);
  });
});

/** Every state of every step that could be seen, until the list is gone for two seconds. */
async function watch(steps: Locator): Promise<Set<string>> {
  const seen = new Set<string>();
  let absentSince = Number.POSITIVE_INFINITY;
  while (performance.now() - absentSince < 2_000 || absentSince === Number.POSITIVE_INFINITY) {
    const shown = await steps
      .getByRole('listitem')
      .evaluateAll((items) => items.map((item) => `${item.querySelector('.font-medium')?.textContent}: ${item.getAttribute('data-state')}`))
      .catch(() => []);
    for (const state of shown) seen.add(state);
    if (shown.length > 0) absentSince = Number.POSITIVE_INFINITY;
    else if (absentSince === Number.POSITIVE_INFINITY) absentSince = performance.now();
  }
  return seen;
}
