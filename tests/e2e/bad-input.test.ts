import { expect as expectPage, type Browser } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectPage } from '@/lib/projects/schemas';
import { launchBrowser } from '../support/chromium';
import { linkIn } from '../support/mailbox';
import { withClient } from '../support/postgres';
import { startStudio, type RunningStudio } from '../support/studio';
import { password, signUp, tokenOf, Visitor } from '../support/visitor';
import { arrive, manyAttempts, useSessionOf, type Person } from './person';

let studio: RunningStudio;
let browser: Browser;
let owner: Visitor;
let organization: OrganizationView;
let ada: Person;

beforeAll(async () => {
  [studio, browser] = await Promise.all([startStudio({ env: manyAttempts }), launchBrowser()]);
  owner = await signUp(studio);
});

// Plans hold ten projects, so every test has an organization of its own.
beforeEach(async () => {
  organization = await owner.post(OrganizationView, '/api/v1/organizations', { name: 'Acme' });
  await ada?.context.close();
  ada = await arrive(browser, studio, 'Ada');
  await useSessionOf(ada, owner);
});

afterAll(async () => {
  await browser.close();
  await studio.stop();
});

async function listed(): Promise<string[]> {
  const page = await owner.get(ProjectPage, `/api/v1/projects?organization_id=${organization.id}`);
  return page.data.map(({ name }) => name);
}

describe('the form of a new project', () => {
  it.each([
    ['nothing', '', /name/i],
    ['only spaces', '   ', /name/i],
    ['101 characters', 'x'.repeat(101), /at most 100|longer than 100/],
    ['10⁵ characters', 'x'.repeat(100_000), /at most 100|longer than 100/],
    ['a control character', 'ring\u0007the bell', /control|invisible|character/i],
    ['an override of the reading direction', 'photo\u202Egpj.exe', /control|invisible|character|direction/i],
  ])('refuses %s, with a message at the field and focus in it', async (_, typed, message) => {
    await ada.page.goto(`/${organization.slug}/new-project`);
    const field = ada.page.getByLabel('Name', { exact: true });
    await field.fill(typed);
    await ada.page.getByRole('button', { name: 'Create project' }).click();
    await expectPage(field).toHaveAttribute('aria-invalid', 'true');
    await expectPage(field).toHaveAccessibleDescription(message);
    await expectPage(field).toBeFocused();
    expect(await listed()).toEqual([]);
  });

  it.each([
    ['emoji', '🚀 Rocket 👩‍🚀'],
    ['right-to-left text', 'مشروع الملاحظات'],
    ['letters of many scripts', 'Ünïcødé 日本語 Ελληνικά'],
    ['markup', '<b>bold</b> & "quotes" \'); drop table projects; --'],
    ['100 characters', 'y'.repeat(100)],
  ])('takes %s and shows it as it was typed', async (_, name) => {
    await ada.page.goto(`/${organization.slug}/new-project`);
    await ada.page.getByLabel('Name', { exact: true }).fill(name);
    await ada.page.getByRole('button', { name: 'Create project' }).click();
    await expectPage(ada.page.getByRole('heading', { level: 1 })).toContainText(name);
    expect(await listed()).toEqual([name]);
    expect(ada.complaints).toEqual([]);
  });

  it('makes one project of a double click', async () => {
    await ada.page.goto(`/${organization.slug}/new-project`);
    await ada.page.getByLabel('Name', { exact: true }).fill('Twice');
    await ada.page.getByRole('button', { name: 'Create project' }).dblclick();
    await ada.page.waitForURL(/\/projects\/prj_/);
    expect(await listed()).toEqual(['Twice']);
  });

  it('makes one project of Enter pressed three times', async () => {
    await ada.page.goto(`/${organization.slug}/new-project`);
    const field = ada.page.getByLabel('Name', { exact: true });
    await field.fill('Thrice');
    for (let n = 0; n < 3; n += 1) await ada.page.keyboard.press('Enter');
    await ada.page.waitForURL(/\/projects\/prj_/);
    expect(await listed()).toEqual(['Thrice']);
  });

  it('is there again after the back button, and makes nothing by itself', async () => {
    await ada.page.goto(`/${organization.slug}/new-project`);
    await ada.page.getByLabel('Name', { exact: true }).fill('Back and forth');
    await ada.page.getByRole('button', { name: 'Create project' }).click();
    await ada.page.waitForURL(/\/projects\/prj_/);
    await ada.page.goBack();
    await expectPage(ada.page.getByRole('button', { name: 'Create project' })).toBeVisible();
    await ada.page.goForward();
    await expectPage(ada.page.getByRole('heading', { level: 1 })).toContainText('Back and forth');
    await ada.page.reload();
    await expectPage(ada.page.getByRole('heading', { level: 1 })).toContainText('Back and forth');
    expect(await listed()).toEqual(['Back and forth']);
  });

  it('keeps what was typed when the server cannot be reached, and says so', async () => {
    await ada.page.goto(`/${organization.slug}/new-project`);
    const field = ada.page.getByLabel('Name', { exact: true });
    await field.fill('Offline');
    await ada.context.setOffline(true);
    await ada.page.getByRole('button', { name: 'Create project' }).click();
    await expectPage(ada.page.getByRole('alert').filter({ hasText: /reach|connection|network|offline/i }).first()).toBeVisible();
    await expectPage(field).toHaveValue('Offline');
    await ada.context.setOffline(false);
    await ada.page.getByRole('button', { name: 'Create project' }).click();
    await ada.page.waitForURL(/\/projects\/prj_/);
    expect(await listed()).toEqual(['Offline']);
  });
});

describe('links of letters', () => {
  it.each([
    ['/verify-email', 'Confirm and sign in'],
    ['/reset-password', 'Change password'],
  ])('%s says when its token is wrong', async (path, button) => {
    await ada.context.clearCookies();
    await ada.page.goto(`${path}#token=${'x'.repeat(43)}`);
    const secret = ada.page.getByLabel('New password');
    if (await secret.isVisible()) await secret.fill(password);
    await ada.page.getByRole('button', { name: button }).click();
    await expectPage(ada.page.getByText(/link.*(works once|no longer|expired|used|not valid)/i).first()).toBeVisible();
    expect(new URL(ada.page.url()).hash).toBe('');
  });

  it('a confirmation works once', async () => {
    const person = new Visitor(studio.url);
    await person.ask('POST', '/api/v1/auth/register', { body: { email: person.email, password, first_name: 'Once', last_name: 'Only' } });
    const token = tokenOf(linkIn(await studio.mailbox.waitForMessage(person.email, /confirm/i)));
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await person.ask('POST', '/api/v1/auth/verify-email', { body: { token, password } })).status);
    expect(statuses[0]).toBe(200);
    expect(statuses.slice(1).every((status) => status === 410 || status === 404 || status === 422)).toBe(true);
  });

  it('an invitation that has ended says so and opens nothing', async () => {
    await owner.ask('POST', `/api/v1/organizations/${organization.id}/invitations`, { body: { email: ada.email, role: 'viewer' } });
    const link = linkIn(await studio.mailbox.waitForMessage(ada.email, /invites you/));
    await withClient(studio.database.ownerUrl, (client) => client.query(`update invitations set expires_at = now() - interval '1 minute' where email = $1`, [ada.email]));
    await ada.context.clearCookies();
    await ada.page.goto(link);
    await expectPage(ada.page.getByRole('heading', { name: 'This invitation cannot be used' })).toBeVisible();
    await expectPage(ada.page.getByRole('button', { name: 'Accept invitation' })).toHaveCount(0);
  });
});

describe('signing in', () => {
  it('answers a wrong password and an unknown address with the same words', async () => {
    await ada.context.clearCookies();
    const said: string[] = [];
    for (const email of [owner.email, 'nobody@example.com']) {
      await ada.page.goto('/sign-in');
      await ada.page.getByLabel('E-mail address').fill(email);
      await ada.page.getByLabel('Password').fill('not-the-password-9');
      await ada.page.getByRole('button', { name: 'Sign in', exact: true }).click();
      const alert = ada.page.getByRole('alert').filter({ hasText: /password/i });
      await expectPage(alert).toBeVisible();
      said.push((await alert.innerText()).replace(/[0-9a-f-]{36}/, ''));
    }
    expect(said[0]).toBe(said[1]);
  });

  it.each([
    ['a page of one\'s own', (slug: string) => `/${slug}/members`, (slug: string) => `/${slug}/members`],
    ['another site', () => '/sign-in?next=https://evil.example/', () => null],
    ['another site without a scheme', () => '/sign-in?next=//evil.example/', () => null],
  ])('leads back to %s only when it is ours', async (_, asked, wanted) => {
    await ada.context.clearCookies();
    await ada.page.goto(asked(organization.slug));
    await expectPage(ada.page).toHaveURL(/\/sign-in/);
    await ada.page.getByLabel('E-mail address').fill(owner.email);
    await ada.page.getByLabel('Password').fill(password);
    await ada.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await ada.page.waitForURL((url) => url.pathname !== '/sign-in');
    const url = new URL(ada.page.url());
    expect(url.origin).toBe(studio.url);
    if (wanted(organization.slug) !== null) expect(url.pathname).toBe(wanted(organization.slug));
  });
});

describe('the API', () => {
  const nasty: ReadonlyArray<readonly [string, unknown]> = [
    ['a control character', 'bell\u0007'],
    ['a null character', 'nil\u0000'],
    ['half a surrogate pair', '\uD800'],
    ['10⁵ characters', 'x'.repeat(100_000)],
    ['nothing', ''],
    ['null', null],
    ['a number', 7],
    ['a list', ['x']],
    ['an object', { toString: 'x' }],
    ['a boolean', true],
  ];
  const bodies = (): ReadonlyArray<readonly [string, string, Record<string, unknown>]> => [
    ['POST', '/auth/register', { email: 'someone@example.com', password, first_name: 'A', last_name: 'B' }],
    ['POST', '/auth/login', { email: 'someone@example.com', password }],
    ['POST', '/organizations', { name: 'Acme', slug: `acme-${organization.slug}` }],
    ['PATCH', `/organizations/${organization.id}`, { name: 'Acme', subdomain: 'acme-sub' }],
    ['POST', `/organizations/${organization.id}/invitations`, { email: 'someone@example.com', role: 'viewer' }],
    ['POST', `/organizations/${organization.id}/api-keys`, { name: 'Key', scopes: ['project:read'], expires_at: null }],
    ['POST', '/projects', { organization_id: organization.id, name: 'P', framework: 'node', hostname: 'app.example.com' }],
    ['PATCH', '/users/profile', { first_name: 'A', last_name: 'B' }],
  ];

  it.each(nasty)('answers %s in any field with a problem that points to it, or takes it whole', async (_, value) => {
    for (const [method, path, body] of bodies()) {
      for (const field of Object.keys(body)) {
        const answer = await owner.ask(method, `/api/v1${path}`, { body: { ...body, [field]: value } });
        const what = `${method} ${path} ${field}: ${answer.status} ${answer.text.slice(0, 300)}`;
        expect(answer.status, what).toBeLessThan(500);
        expect(answer.text, what).not.toMatch(/select |insert |pg_|syntax error|violates|invalid byte|node_modules/i);
        if (answer.status === 422) expect(answer.json, what).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ pointer: expect.stringMatching(new RegExp(`^/${field}`)) })]) });
      }
    }
  });

  it('refuses unknown fields, bodies that are too long, and bodies that are no JSON', async () => {
    const path = '/api/v1/organizations';
    const unknown = await owner.ask('POST', path, { body: { name: 'Acme', is_admin: true } });
    expect(unknown.status).toBe(422);
    expect(unknown.text).toContain('is_admin');
    expect((await owner.ask('POST', path, { body: { name: 'x'.repeat(3_000_000) } })).status).toBe(413);
    expect((await owner.ask('POST', path, { body: '{"name":' })).status).toBe(400);
    expect((await owner.ask('POST', path, { body: 'name=Acme', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(400);
  });

  it('never shows a half-made project as ready', async () => {
    const { id } = await owner.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name: 'Half' });
    const env = await owner.ask('POST', `/api/v1/projects/${id}/env/export`);
    const project = await owner.ask('GET', `/api/v1/projects/${id}`);
    if (env.status === 200) expect(project.text).toContain('"ready"');
    else expect(env.status).toBe(409);
  });
});
