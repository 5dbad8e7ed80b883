import { expect as expectPage, type Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvitationView } from '@/lib/identity/invitation/schemas';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject } from '@/lib/projects/schemas';
import { launchBrowser } from '../support/chromium';
import { linkIn } from '../support/mailbox';
import { startStudio, type RunningStudio } from '../support/studio';
import { signUp, tokenOf, type Visitor } from '../support/visitor';
import { arrive, manyAttempts, signIn, useSessionOf, type Person } from './person';

describe('tables', () => {
  let studio: RunningStudio;
  let browser: Browser;
  let ada: Person;
  let api: Visitor;
  let organization: OrganizationView;

  beforeAll(async () => {
    [studio, browser] = await Promise.all([startStudio({ env: manyAttempts }), launchBrowser()]);
    api = await signUp(studio, 'Ada');
    ada = await arrive(browser, studio, 'Ada');
    await useSessionOf(ada, api);
    organization = await api.post(OrganizationView, '/api/v1/organizations', { name: 'Tables', slug: 'tables' });
    for (const name of ['beta', 'Gamma', 'Alpha']) await api.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name });
  });

  afterAll(async () => {
    await browser.close();
    await studio.stop();
  });

  it('sorts projects by a press on the head of a column, and back', async () => {
    const { page } = ada;
    await page.goto('/tables');
    const names = page.getByRole('region', { name: 'Projects' }).getByRole('link');
    await expectPage(names).toHaveText(['Alpha', 'Gamma', 'beta']);
    const head = page.getByRole('columnheader', { name: 'Name' });
    await head.getByRole('button').click();
    await expectPage(names).toHaveText(['Alpha', 'beta', 'Gamma']);
    await expectPage(head).toHaveAttribute('aria-sort', 'ascending');
    await page.keyboard.press('Enter');
    await expectPage(names).toHaveText(['Gamma', 'beta', 'Alpha']);
    await expectPage(head).toHaveAttribute('aria-sort', 'descending');
    await page.getByRole('columnheader', { name: 'Created' }).getByRole('button').click();
    await expectPage(names).toHaveText(['beta', 'Gamma', 'Alpha']);
  });

  it('revokes several invitations with one question, and tells which of them could not be', async () => {
    const { page } = ada;
    const invite = (email: string) => api.post(InvitationView, `/api/v1/organizations/${organization.id}/invitations`, { email, role: 'viewer' });
    for (const name of ['one', 'two', 'three']) await invite(`${name}@example.com`);
    await page.goto('/tables/members');
    const invitations = page.getByRole('region', { name: 'Invitations' });
    await invitations.getByRole('checkbox', { name: 'Select one@example.com' }).check();
    await invitations.getByRole('checkbox', { name: 'Select two@example.com' }).press('Space');
    await page.getByRole('button', { name: 'Revoke 2 invitations' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke 2 invitations' });
    let refused = 0;
    await page.route('**/invitations/inv_*', async (route) => {
      if (route.request().method() !== 'DELETE' || refused > 0) return route.continue();
      refused += 1;
      return route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Conflict', detail: 'Somebody else was quicker.', code: 'conflict' }) });
    });
    await dialog.getByRole('button', { name: 'Revoke 2 invitations' }).click();
    await expectPage(dialog.getByText('1 invitation of 2 could not be done. The others are.')).toBeVisible();
    await expectPage(dialog.getByRole('listitem').filter({ hasText: 'Somebody else was quicker.' })).toHaveCount(1);
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await expectPage(dialog).toHaveCount(0);
    await expectPage(page.getByText('2 invitations: done')).toBeVisible();
    await expectPage(invitations.getByRole('row').filter({ hasText: '@example.com' })).toHaveCount(1);
    await expectPage(page.getByRole('toolbar')).toHaveCount(0);
  });

  it('ends several sessions at once, and they are out', async () => {
    const { page } = ada;
    const others = await Promise.all(
      ['Phone', 'Tablet'].map(async (name) => {
        const other = await arrive(browser, studio, name);
        await signIn({ ...other, email: api.email });
        return other;
      }),
    );
    await page.goto('/account/sessions');
    const boxes = page.getByRole('checkbox', { name: /^Select/ });
    await expectPage(boxes).toHaveCount(2);
    for (const box of await boxes.all()) await box.check();
    await page.getByRole('button', { name: 'End 2 sessions' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End 2 sessions' }).click();
    await expectPage(boxes).toHaveCount(0);
    for (const other of others) {
      await other.page.goto('/tables');
      await expectPage(other.page).toHaveURL(/\/sign-in/);
    }
  });

  it('shows no boxes to somebody who may not revoke', async () => {
    const grace = await arrive(browser, studio, 'Grace');
    const visitor = await signUp(studio, 'Grace');
    await useSessionOf(grace, visitor);
    await api.post(InvitationView, `/api/v1/organizations/${organization.id}/invitations`, { email: visitor.email, role: 'viewer' });
    const token = tokenOf(linkIn(await studio.mailbox.waitForMessage(visitor.email, /invites you/)));
    expect((await visitor.ask('POST', '/api/v1/invitations/accept', { body: { token } })).status).toBe(200);
    await grace.page.goto('/tables/members');
    await expectPage(grace.page.getByRole('region', { name: 'Invitations' }).getByText('three@example.com')).toBeVisible();
    await expectPage(grace.page.getByRole('checkbox')).toHaveCount(0);
    expect([...ada.complaints, ...grace.complaints]).toEqual([]);
  });
});
