import { readFile } from 'node:fs/promises';
import { expect as expectPage, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServiceAnswer } from '@/lib/deployments/service/schemas';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectView } from '@/lib/projects/schemas';
import { launchBrowser } from '../support/chromium';
import { linkIn } from '../support/mailbox';
import { withClient } from '../support/postgres';
import { startStudio, type RunningStudio } from '../support/studio';
import { password, signUp, tokenOf, type Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { faultsOf } from './looks';
import { arrive, manyAttempts, useSessionOf, type Person } from './person';
import { addRailwayFault, breakRailway, changeAtRailway, newestAtRailway } from './railway';
import { keepScreenshot } from './screenshots';

/** A build and a start, on a small machine. */
const deployMs = 120_000;

/** What a person gets of deployments, told in order: each chapter stands on the ones before it. */
describe('deployments', () => {
  let studio: RunningStudio;
  let browser: Browser;
  let owner: Visitor;
  let ada: Person;
  let page: Page;
  let project: CreatedProject;
  let home = '';
  let failed: string | undefined;

  beforeAll(async () => {
    [studio, browser] = await Promise.all([startStudio({ env: manyAttempts }), launchBrowser()]);
    owner = await signUp(studio);
    const organization = await owner.post(OrganizationView, '/api/v1/organizations', { name: 'Acme', slug: 'acme' });
    project = await owner.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name: 'Notes' });
    await waitFor(async () => (await owner.get(ProjectView, `/api/v1/projects/${project.id}`)).status === 'ready', { what: 'the project to be ready', withinMs: 40_000 });
    home = `/acme/projects/${project.id}/deployments`;
    ada = await arrive(browser, studio, 'Ada');
    await useSessionOf(ada, owner);
    page = ada.page;
  });

  afterAll(async () => {
    await browser.close();
    await studio.stop();
  });

  beforeEach(({ task, onTestFailed }) => {
    if (failed !== undefined) throw new Error(`"${failed}" failed before`);
    onTestFailed(async () => {
      failed = task.name;
      await keepScreenshot(page, 'failed-deployments');
    });
  });

  const table = () => page.getByRole('region', { name: 'Deployments' });
  const badge = (word: string) => page.locator('h1 + .badge').filter({ hasText: word });

  async function becomes(word: string): Promise<void> {
    await expectPage(badge(word)).toBeVisible({ timeout: deployMs });
  }

  async function chooseAct(number: number, act: string): Promise<void> {
    await page.goto(home);
    await page.getByRole('button', { name: `Actions for #${number}`, exact: true }).click();
    await page.getByRole('menuitem', { name: act }).click();
  }

  async function answerOf(path = '/'): Promise<{ status: number; text: string }> {
    const { service } = await owner.get(ServiceAnswer, `/api/v1/projects/${project.id}/service`);
    const answer = await fetch(new URL(path, service?.url ?? undefined));
    return { status: answer.status, text: await answer.text() };
  }

  it('leads from the project to the deployments, and says that Railway is not connected', async () => {
    await page.goto(`/acme/projects/${project.id}`);
    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    await expectPage(page.getByRole('heading', { name: 'Railway is not connected' })).toBeVisible();
    const deploy = page.getByRole('button', { name: 'Deploy', exact: true });
    await expectPage(deploy).toHaveAttribute('aria-disabled', 'true');
    await deploy.focus();
    await expectPage(page.getByRole('tooltip').filter({ hasText: 'Railway is not connected yet.' })).toBeVisible();
  });

  it('refuses a token that Railway does not know beside the field, and offers the workspaces of one that reaches several', async () => {
    await page.getByRole('button', { name: 'Connect Railway' }).click();
    const dialog = page.getByRole('dialog', { name: 'Connect Railway' });
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await expectPage(dialog.getByText('Paste a token from Railway.', { exact: true })).toBeVisible();
    await dialog.getByLabel('Token').fill('a-token-that-nobody-made');
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await expectPage(dialog.getByLabel('Token')).toHaveAttribute('aria-invalid', 'true');

    // The local Railway has one workspace for each token, so the answer of one with two is given here.
    const sent: unknown[] = [];
    await page.route('**/api/v1/organizations/*/railway', async (route) => {
      sent.push(route.request().postDataJSON());
      await route.fulfill({ status: 422, contentType: 'application/problem+json', json: { title: 'Refused', detail: 'Choose a workspace.', code: 'invalid_input', errors: [{ pointer: '/workspace_id', detail: 'This token reaches several workspaces. Choose one.' }] } });
    });
    await page.route('**/railway/workspaces', (route) => route.fulfill({ json: { workspaces: [{ id: 'ws-1', name: 'First' }, { id: 'ws-2', name: 'Second' }] } }));
    await dialog.getByLabel('Token').fill('a-token-with-two-workspaces');
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await dialog.getByLabel('Workspace').selectOption('Second');
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await expectPage.poll(() => sent).toEqual([{ token: 'a-token-with-two-workspaces' }, { token: 'a-token-with-two-workspaces', workspace_id: 'ws-2' }]);
    await page.unrouteAll();
    expect(page.url()).not.toContain('token');
    await page.keyboard.press('Escape');
  });

  it('connects the Railway of this machine', async () => {
    await page.getByRole('button', { name: 'Connect Railway' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use this machine' }).click();
    await expectPage(page.getByRole('heading', { name: 'Nothing is deployed to production' })).toBeVisible();
    await page.goto('/acme/settings');
    await expectPage(page.getByText('Local workspace 1').first()).toBeVisible();
  });

  it('says beside the field what is wrong with a source, and shows the variables before anything begins', async () => {
    await page.goto(home);
    await page.getByRole('button', { name: 'Deploy', exact: true }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Deploy to production' });
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    await expectPage(dialog.getByText('Name a public repository as owner/name.', { exact: true })).toBeVisible();
    await dialog.getByRole('radio', { name: /Container image/ }).check();
    await dialog.getByRole('textbox', { name: 'Image' }).fill('Not An Image');
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    const added = dialog.getByRole('list', { name: 'Changed variables' }).getByRole('listitem');
    await expectPage(added.filter({ hasText: 'APPWRITE_API_KEY' })).toHaveText(/Added.*APPWRITE_API_KEY.*Generated.*Secret/);
    await expectPage(added.filter({ hasText: 'APPWRITE_ENDPOINT' }).first()).toContainText(studio.appwriteUrl);
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await expectPage(dialog.getByRole('textbox', { name: 'Image' })).toHaveAttribute('aria-invalid', 'true');
    await expectPage(dialog.getByRole('textbox', { name: 'Image' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expectPage(page.getByRole('heading', { name: 'Nothing is deployed to production' })).toBeVisible();
  });

  it('deploys the example, and shows its states, its steps and its log as they come', async () => {
    await page.goto(`/acme/projects/${project.id}`);
    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy to production' });
    await dialog.getByRole('radio', { name: /Shipped example/ }).check();
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.waitForURL(/\/deployments\/dep_/);
    await expectPage(page.getByRole('heading', { name: 'Deployment #1' })).toBeVisible();
    await becomes('Success');
    const states = page.getByRole('list', { name: 'States' }).getByRole('listitem');
    await expectPage(states.first()).toContainText('Preparing');
    await expectPage(states.last()).toContainText('Success');
    // Between the two at least one of Railway's own; which of them is seen hangs on when it was looked.
    expect(await states.count()).toBeGreaterThan(2);
    await expectPage(page.getByRole('list', { name: 'Steps' }).locator('[data-state]:not([data-state=done]):not([data-state=skipped])')).toHaveCount(0);
    await page.getByRole('tab', { name: 'Runtime' }).click();
    await expectPage(page.getByRole('log', { name: 'Runtime log' })).toContainText('Notes: http://');
    expect(ada.complaints).toEqual([]);
  });

  it('opens the app at its address, which works with the data of the project', async () => {
    const opening = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Open app' }).click();
    const app = await opening;
    await app.getByLabel('New note').fill('written by the deployed app');
    await app.getByRole('button', { name: 'Add' }).click();
    await expectPage(app.getByRole('listitem').filter({ hasText: 'written by the deployed app' })).toBeVisible();
    await app.close();
    const rows = await owner.ask('GET', `/api/v1/projects/${project.id}/data/tables`);
    expect(rows.text).toContain('Notes');
  });

  it('shows a variable that was changed at Railway, and keeps the side of Studio', async () => {
    await changeAtRailway(studio, project.id, (variables) => ({ ...variables, APPWRITE_ENDPOINT: 'https://elsewhere.test/v1', ADDED_THERE: 'yes' }));
    await page.goto(home);
    const drift = page.getByRole('region', { name: 'Drift', exact: true });
    await expectPage(drift.getByRole('row').filter({ hasText: 'APPWRITE_ENDPOINT' })).toContainText('https://elsewhere.test/v1');
    await expectPage(drift.getByRole('row').filter({ hasText: 'ADDED_THERE' })).toContainText('Only at Railway');
    await drift.getByRole('button', { name: "Keep Studio's" }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Set them and deploy' }).click();
    await expectPage(table().getByRole('row').filter({ hasText: '#2' })).toContainText('Success', { timeout: deployMs });
    await expectPage(drift).toHaveCount(0);
    await page.reload();
    await expectPage(table().getByRole('row').filter({ hasText: '#2' })).toContainText('Live');
    await expectPage(drift).toHaveCount(0);
  });

  it('takes over from Railway what was added there, on request', async () => {
    await changeAtRailway(studio, project.id, (variables) => ({ ...variables, ADDED_THERE: 'kept' }));
    await page.goto(home);
    const drift = page.getByRole('region', { name: 'Drift', exact: true });
    await drift.getByRole('button', { name: "Keep Railway's" }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take them over' }).click();
    await expectPage(drift).toHaveCount(0);
    await page.goto(`/acme/projects/${project.id}/env`);
    await expectPage(page.getByRole('region', { name: 'Variables' })).toContainText('ADDED_THERE');
  });

  it('fills an environment without variables from production, secrets included', async () => {
    await page.getByRole('button', { name: 'Add staging' }).click();
    const notice = page.getByText('No variables of its own yet');
    await expectPage(notice).toBeVisible();
    const variables = page.getByRole('region', { name: 'Variables' });
    await expectPage(variables).not.toContainText('ADDED_THERE');
    await page.getByRole('button', { name: 'Copy from production' }).click();
    await expectPage(page.getByText('1 variable copied from production')).toBeVisible();
    await expectPage(variables.getByRole('row').filter({ hasText: 'ADDED_THERE' })).toContainText('Secret');
    await expectPage(notice).toHaveCount(0);
    await owner.ask('POST', '/api/v1/auth/step-up', { body: { password } });
    // The password gave the session a new token.
    await useSessionOf(ada, owner);
    expect((await owner.ask('POST', `/api/v1/projects/${project.id}/env/export?environment=staging`)).text).toContain('ADDED_THERE=kept\n');
    await owner.ask('DELETE', `/api/v1/projects/${project.id}/environments/staging`);
  });

  it('redeploys, and says what it repeats', async () => {
    await chooseAct(2, 'Redeploy');
    await page.getByRole('dialog', { name: 'Redeploy #2' }).getByRole('button', { name: 'Redeploy' }).click();
    await page.waitForURL(/\/deployments\/dep_/);
    await expectPage(page.getByRole('heading', { name: 'Deployment #3' })).toBeVisible();
    await expectPage(page.getByText('Redeploy of #2 in production')).toBeVisible();
    await becomes('Success');
    expect(await answerOf()).toMatchObject({ status: 200, text: expect.stringContaining('written by the deployed app') });
  });

  it('rolls back to the first one from its page, after a question, and shows the log of the new one alone', async () => {
    await page.goto(home);
    await page.getByRole('link', { name: '#1', exact: true }).click();
    const log = page.getByRole('log', { name: 'Runtime log' });
    await expectPage(log.locator('p').filter({ hasText: 'Notes: http://' })).toHaveCount(1);
    await page.getByRole('button', { name: 'Roll back to this' }).click();
    const dialog = page.getByRole('dialog', { name: 'Roll back to #1' });
    await dialog.getByRole('button', { name: 'Roll back to this' }).click();
    await expectPage(page.getByText('Rollback to #1 in production')).toBeVisible();
    await becomes('Success');
    await page.getByRole('tab', { name: 'Runtime' }).click();
    await expectPage(log.locator('p').filter({ hasText: 'Notes: http://' })).toHaveCount(1);
    expect(await answerOf()).toMatchObject({ status: 200, text: expect.stringContaining('written by the deployed app') });
    await page.goto(home);
    await page.getByRole('button', { name: 'Actions for #4', exact: true }).click();
    await expectPage(page.getByRole('menuitem', { name: 'Roll back to this' })).toHaveAttribute('aria-disabled', 'true');
    await page.keyboard.press('Escape');
  });

  it('opens from the palette, and shows what a deployment would do now when somebody changed the variables meanwhile', async () => {
    await page.goto(home);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('deploy project');
    await expectPage(page.getByRole('option', { name: 'Deploy project', selected: true })).toBeVisible();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Deploy to production' });
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    await expectPage(dialog.getByRole('region', { name: 'Variables' })).toBeVisible();
    await expectPage(dialog.getByText('SET_MEANWHILE')).toHaveCount(0);
    await owner.ask('POST', `/api/v1/projects/${project.id}/env/variables`, { body: { variables: [{ name: 'SET_MEANWHILE', value: '1', secret: false }] } });
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await expectPage(dialog.getByText('Below is what a deployment would do now.')).toBeVisible();
    await expectPage(dialog.getByRole('list', { name: 'Changed variables' }).getByRole('listitem').filter({ hasText: 'SET_MEANWHILE' })).toContainText('Added');
    await page.keyboard.press('Escape');
    await expectPage(page).toHaveURL(new RegExp(`${home}$`));
    await owner.ask('POST', `/api/v1/projects/${project.id}/env/variables`, { body: { remove: ['SET_MEANWHILE'] } });
  });

  it('says why a step is tried again while Railway does not answer, and gets through', async () => {
    await addRailwayFault(studio, { operation: 'variableCollectionUpsert', effect: { kind: 'server-error' }, times: 3 });
    await page.goto(`${home}?deploy`);
    const dialog = page.getByRole('dialog', { name: 'Deploy to production' });
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await expectPage(page.getByText('"Set the variables" is tried again')).toBeVisible({ timeout: 30_000 });
    await expectPage(page.getByRole('list', { name: 'Steps' }).locator('[data-state=retrying]')).toContainText(/Attempt \d+ failed: \S+/);
    await becomes('Success');
  });

  it('shows why a build failed, and what served before goes on', async () => {
    await breakRailway(studio, { failBuilds: true });
    await page.goto(`${home}?deploy`);
    const dialog = page.getByRole('dialog', { name: 'Deploy to production' });
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.waitForURL(/\/deployments\/dep_/);
    await becomes('Failed');
    await expectPage(page.getByText('What served before goes on serving.', { exact: false }).first()).toBeVisible();
    await breakRailway(studio, { failBuilds: false });
    expect((await answerOf('/health')).status).toBe(200);
  });

  it('cancels a build that takes long: the state becomes what Railway says, and what served before goes on', async () => {
    await page.goto(`${home}?deploy`);
    const dialog = page.getByRole('dialog', { name: 'Deploy to production' });
    await dialog.getByRole('radio', { name: /Public Git repository/ }).check();
    await dialog.getByRole('textbox', { name: 'Repository' }).fill('studio/example-notes');
    await dialog.getByRole('textbox', { name: 'Build command' }).fill('sleep 300');
    await dialog.getByRole('button', { name: 'Review variables' }).click();
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.waitForURL(/\/deployments\/dep_/);
    await becomes('Building');
    const cancel = page.getByRole('button', { name: 'Cancel', exact: true });
    const asking = page.getByRole('dialog', { name: 'Cancel #7' });
    await cancel.click();
    await asking.getByRole('button', { name: 'Let it go on' }).click();
    await expectPage(asking).toHaveCount(0);
    expect((await newestAtRailway(studio, project.id))?.status).toBe('BUILDING');
    await cancel.click();
    await asking.getByRole('button', { name: 'Cancel deployment' }).click();
    await becomes('Removed');
    expect((await newestAtRailway(studio, project.id))?.status).toBe('REMOVED');
    await expectPage(cancel).toHaveCount(0);
    expect((await answerOf('/health')).status).toBe(200);
    await page.goto(home);
    await expectPage(table().getByRole('row').filter({ hasText: '#7' })).toContainText('Removed');
    await expectPage(table().getByRole('row').filter({ hasText: '#5' })).toContainText('Live');
    expect(await answerOf()).toMatchObject({ status: 200, text: expect.stringContaining('written by the deployed app') });
  });

  it('makes an address for the webhook of Railway, shows it once, replaces and removes it', async () => {
    await page.goto(home);
    const create = page.getByRole('button', { name: 'Create address' });
    await expectPage(create).toBeVisible();
    expect(await faultsOf(page)).toEqual([]);
    await create.click();
    const first = await takeAddress();
    await expectPage(page.getByText('An address is set up')).toBeVisible();
    await page.reload();
    await expectPage(page.getByText('An address is set up')).toBeVisible();
    expect(await page.content()).not.toContain(first.slice(-20));
    expect(await called(first)).toBe(204);

    await page.getByRole('button', { name: 'Replace address' }).click();
    await page.getByRole('dialog', { name: 'Replace the address' }).getByRole('button', { name: 'Replace address' }).click();
    const second = await takeAddress();
    expect([await called(first), await called(second)]).toEqual([404, 204]);

    await page.getByRole('button', { name: 'Remove address' }).click();
    await page.getByRole('dialog', { name: 'Remove the address' }).getByRole('button', { name: 'Remove address' }).click();
    await expectPage(page.getByText('No address is set up.')).toBeVisible();
    expect(await called(second)).toBe(404);
  });

  async function takeAddress(): Promise<string> {
    const dialog = page.getByRole('dialog', { name: 'Address for Railway' });
    await expectPage(dialog).toContainText('in the settings of the Railway project under Webhooks');
    await dialog.getByRole('button', { name: 'Copy secret' }).click();
    const address = await dialog.getByRole('textbox', { name: 'secret' }).inputValue();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expectPage(dialog).toHaveCount(0);
    return address;
  }

  async function called(address: string): Promise<number> {
    return (await fetch(address, { method: 'POST', body: '{}' })).status;
  }

  it('lets a viewer look, and says which right is missing', async () => {
    const viewer = await signUp(studio, 'Grace');
    await invite(viewer);
    const grace = await arrive(browser, studio, 'Grace');
    await useSessionOf(grace, viewer);
    await grace.page.goto(home);
    await expectPage(grace.page.getByRole('region', { name: 'Deployments' }).getByRole('row').filter({ hasText: '#5' })).toContainText('Live');
    const deploy = grace.page.getByRole('button', { name: 'Deploy', exact: true });
    await deploy.focus();
    await expectPage(grace.page.getByRole('tooltip').filter({ hasText: 'deployment:write' })).toBeVisible();
    await expectPage(grace.page.getByRole('button', { name: 'Create address' })).toHaveAttribute('aria-disabled', 'true');
    await grace.page.getByRole('link', { name: '#5', exact: true }).click();
    await expectPage(grace.page.getByRole('button', { name: 'Stop', exact: true })).toHaveAttribute('aria-disabled', 'true');
    await expectPage(grace.page.getByRole('log', { name: 'Runtime log' })).toContainText('Notes: http://');
    await grace.context.close();
  });

  async function invite(viewer: Visitor): Promise<void> {
    await owner.ask('POST', `/api/v1/organizations/${project.organization_id}/invitations`, { body: { email: viewer.email, role: 'viewer' } });
    const letter = await studio.mailbox.waitForMessage(viewer.email, /invites you/);
    await viewer.ask('POST', '/api/v1/invitations/accept', { body: { token: tokenOf(linkIn(letter)) } });
  }

  it('gives the connection of a log back while nobody looks, and goes on from the last line afterwards', async () => {
    await page.goto(home);
    await page.getByRole('link', { name: '#5', exact: true }).click();
    const log = page.getByRole('log', { name: 'Runtime log' });
    await expectPage(log).toContainText('Notes: http://');
    const before = await log.textContent();
    const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('/logs/stream?kind=runtime'));
    await look(page, 'hidden');
    await ended;
    const asked = page.waitForRequest((request) => request.url().includes('/logs/stream?kind=runtime'));
    await look(page, 'visible');
    expect((await (await asked).allHeaders())['last-event-id']).toMatch(/./);
    await expectPage(page.getByRole('status').filter({ hasText: 'Live' })).toBeVisible();
    expect(await log.textContent()).toBe(before);
  });

  it('keeps 5,000 lines of a long log, follows the newest one until somebody scrolls up, and loses none over a lost connection', async () => {
    const asked: (string | undefined)[] = [];
    await page.route('**/logs/stream?kind=runtime', async (route) => {
      asked.push((await route.request().allHeaders())['last-event-id']);
      const body = asked.length === 1 ? lines(1, 300, 'first') : lines(301, 6_000, 'second') + 'event: end\ndata: {}\n\n';
      await route.fulfill({ contentType: 'text/event-stream', body });
    });
    await page.reload();
    await page.getByRole('tab', { name: 'Runtime' }).click();
    const log = page.getByRole('log', { name: 'Runtime log' });
    await expectPage(log.getByText('line 300', { exact: true })).toBeVisible();
    await expectPage(log.getByText('line 6000', { exact: true })).toBeVisible();
    expect(asked).toEqual([undefined, 'first']);
    const numbers = (await log.locator('p').allTextContents()).map((text) => Number(/line (\d+)$/.exec(text)?.[1]));
    expect(numbers.length).toBeLessThanOrEqual(5_000);
    expect(numbers.length).toBeGreaterThan(4_900);
    expect(numbers).toEqual(Array.from(numbers, (_, at) => 6_000 - numbers.length + 1 + at));
    await expectPage(page.getByRole('status').filter({ hasText: 'Complete' })).toContainText('the newest; the download has more');

    const jump = page.getByRole('button', { name: 'Jump to newest' });
    await expectPage(jump).toHaveCount(0);
    await log.hover();
    await page.mouse.wheel(0, -4_000);
    await expectPage(jump).toBeVisible();
    await expectPage(log.getByText('line 6000', { exact: true })).not.toBeInViewport();
    await jump.click();
    await expectPage(log.getByText('line 6000', { exact: true })).toBeInViewport();
    await expectPage(jump).toHaveCount(0);
    await keepScreenshot(page, 'log-viewer-long');
    await page.unrouteAll();
  });

  it('searches, copies and downloads a log, shows its colours, and runs nothing that stands in it', async () => {
    await page.route('**/logs/stream?kind=runtime', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: event('lines', 'c1', [
          { at: '2026-11-21T12:00:00.000000001Z', severity: 'error', message: '\u001b[31mred\u001b[0m needle <img src=x onerror="document.title=1">' },
          { at: '2026-11-21T12:00:00.000000002Z', severity: null, message: 'hay' },
        ]) + 'event: end\ndata: {}\n\n',
      }),
    );
    await page.reload();
    await page.getByRole('tab', { name: 'Runtime' }).click();
    const log = page.getByRole('log', { name: 'Runtime log' });
    const line = log.locator('p').filter({ hasText: 'needle' });
    await expectPage(line).toContainText('error');
    await expectPage(line).toContainText('<img src=x onerror="document.title=1">');
    await expectPage(line.getByText('red', { exact: true })).toHaveClass('text-bad');
    expect(await log.locator('img').count()).toBe(0);

    const search = page.getByRole('searchbox', { name: 'Search the runtime log' });
    await search.fill('NEEDLE');
    await expectPage(log.getByText('hay', { exact: true })).toHaveCount(0);
    await expectPage(line).toHaveCount(1);
    await search.fill('Notes: http');
    await expectPage(log).toContainText('Notes: http://');
    await search.fill('no line holds this');
    await expectPage(log).toContainText('No line holds this text.');
    await search.fill('');
    await page.getByRole('button', { name: 'Copy', exact: true }).filter({ visible: true }).click();
    await expectPage(page.getByText('The lines shown are copied')).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('2026-11-21T12:00:00.000000001Z error red needle <img src=x onerror="document.title=1">\n2026-11-21T12:00:00.000000002Z hay');

    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).filter({ visible: true }).click();
    expect(await readFile(await (await downloading).path(), 'utf8')).toContain('Notes: http://');
    await page.unrouteAll();
  });

  it('restarts, and stops: the address answers nobody any more', async () => {
    await page.goto(home);
    await page.getByRole('link', { name: '#5', exact: true }).click();
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart', exact: true }).click();
    await expectPage(page.getByText('Restarted', { exact: true })).toBeVisible();
    await expect.poll(async () => (await answerOf('/health').catch(() => ({ status: 0 }))).status, { timeout: 30_000 }).toBe(200);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('dialog', { name: 'Stop #5' }).getByRole('button', { name: 'Stop', exact: true }).click();
    await expectPage(page.locator('h1 ~ .badge').filter({ hasText: 'Live' })).toHaveCount(0, { timeout: 30_000 });
    await expect.poll(async () => (await answerOf('/health').catch(() => ({ status: 0 }))).status, { timeout: 30_000 }).not.toBe(200);
  });

  it('says so while Railway does not accept the token any more', async () => {
    const refused = (since: string) => withClient(studio.database.ownerUrl, (client) => client.query(`update railway_connections set refused_since = ${since}`));
    await refused('now()');
    await page.goto(home);
    await expectPage(page.getByText('Railway does not accept the token any more')).toBeVisible();
    await page.getByRole('link', { name: "organization's settings" }).click();
    await expectPage(page.getByRole('button', { name: 'Replace the token' })).toBeVisible();
    await refused('null');
  });

  it('removes the app by its typed name, and its history stays', async () => {
    await page.goto(home);
    await page.getByRole('button', { name: 'Remove app' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove the app of production' });
    await dialog.getByLabel('Type Notes to confirm').fill('Notes');
    await dialog.getByRole('button', { name: 'Remove app' }).click();
    await expectPage(page.getByRole('heading', { name: 'App', exact: true })).toHaveCount(0, { timeout: 60_000 });
    await expectPage(table().getByRole('row').filter({ hasText: '#1Deployment' })).toBeVisible();
  });

  it('disconnects Railway in the settings', async () => {
    await page.goto('/acme/settings');
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await expectPage(page.getByRole('button', { name: 'Connect Railway' })).toBeVisible();
  });

  it('was told without a complaint of the browser', () => {
    expect(ada.complaints).toEqual([]);
  });
});

/** As the browser tells a page that its tab went behind another one, or came back. */
async function look(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((shown) => {
    Object.defineProperty(document, 'visibilityState', { value: shown, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

function event(kind: string, id: string, data: unknown): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Numbered lines as the stream sends them, in pieces of a hundred. */
function lines(from: number, to: number, lastId: string): string {
  let text = '';
  for (let first = from; first <= to; first += 100) {
    const count = Math.min(100, to - first + 1);
    text += event('lines', first + count > to ? lastId : `at-${first}`, Array.from({ length: count }, (_, n) => ({ at: new Date(1_795_000_000_000 + first + n).toISOString(), severity: null, message: `line ${first + n}` })));
  }
  return text;
}
