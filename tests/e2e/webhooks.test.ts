import { createServer, type Server } from 'node:http';
import { expect as expectPage, type Browser } from '@playwright/test';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject } from '@/lib/projects/schemas';
import { launchBrowser } from '../support/chromium';
import { listen } from '../support/listen';
import { startStudio, type RunningStudio } from '../support/studio';
import { signUp, type Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { arrive, manyAttempts, useSessionOf, type Person } from './person';

interface Call {
  headers: Record<string, string>;
  body: string;
}

describe('webhooks', () => {
  let studio: RunningStudio;
  let browser: Browser;
  let ada: Person;
  let api: Visitor;
  let organization: OrganizationView;
  let server: Server;
  let url: string;
  let status = 204;
  const calls: Call[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        calls.push({ headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])), body });
        response.writeHead(status).end();
      });
    });
    url = `${await listen(server)}/hook`;
    [studio, browser] = await Promise.all([startStudio({ env: manyAttempts }), launchBrowser()]);
    api = await signUp(studio, 'Ada');
    ada = await arrive(browser, studio, 'Ada');
    await useSessionOf(ada, api);
    organization = await api.post(OrganizationView, '/api/v1/organizations', { name: 'Hooks', slug: 'hooks' });
  });

  afterAll(async () => {
    await browser.close();
    await studio.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const typeOf = ({ body }: Call) => (JSON.parse(body) as { type: string }).type;
  const arrived = (type: string, count = 1) => waitFor(() => calls.filter((call) => typeOf(call) === type)[count - 1], { what: `call ${count} of ${type}`, withinMs: 20_000 });

  it('are added, tried out, watched and taken away with the browser alone; the secret is seen once', async () => {
    const { page } = ada;
    await page.goto('/hooks');
    await page.getByRole('link', { name: 'Webhooks' }).first().click();
    await expectPage(page.getByText('No webhooks yet')).toBeVisible();
    await page.getByRole('button', { name: 'Add webhook' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add webhook' });
    await adding.getByLabel('Address').fill('https://169.254.169.254/latest');
    await adding.getByRole('button', { name: 'Add webhook' }).click();
    await expectPage(adding.getByText(/Studio calls public addresses only/).first()).toBeVisible();
    await adding.getByLabel('Address').fill(url);
    await adding.getByLabel('Name').fill('Chat');
    await adding.getByRole('button', { name: 'Add webhook' }).click();
    const showing = page.getByRole('dialog', { name: 'Secret of Chat' });
    const secret = await showing.getByRole('textbox', { name: 'secret' }).inputValue();
    expect(secret).toMatch(/^whsec_/);
    await showing.getByRole('checkbox').check();
    await showing.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('link', { name: 'Chat' }).click();
    await expectPage(page.getByRole('heading', { name: 'Chat' })).toBeVisible();
    await page.getByRole('button', { name: 'Send test' }).click();
    const test = await arrived('webhook.test');
    expect(new Webhook(secret).verify(test.body, test.headers)).toMatchObject({ type: 'webhook.test' });
    const rows = page.getByRole('region', { name: 'Deliveries' }).getByRole('row');
    await expectPage(rows.filter({ hasText: 'webhook.test' }).getByText('Delivered')).toBeVisible();

    await api.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name: 'Shop' });
    for (const type of ['project.created', 'project.ready']) {
      const call = await arrived(type);
      expect(new Webhook(secret).verify(call.body, call.headers)).toMatchObject({ type, data: { project: { name: 'Shop' } } });
      // Without a reload: the page hears of it.
      await expectPage(rows.filter({ hasText: type }).getByText('Delivered')).toBeVisible();
    }
    await rows.filter({ hasText: 'project.created' }).getByRole('button', { name: /^Replay/ }).click();
    const again = await arrived('project.created', 2);
    expect(again.headers['webhook-id']).toBe((await arrived('project.created')).headers['webhook-id']);

    const menu = page.getByRole('button', { name: 'Actions for Chat' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'Rotate secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate secret' }).click();
    const fresh = await page.getByRole('dialog', { name: 'New secret of Chat' }).getByRole('textbox', { name: 'secret' }).inputValue();
    await page.getByRole('dialog').getByRole('checkbox').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    await expectPage(page.getByText('Two secrets sign')).toBeVisible();
    await page.getByRole('button', { name: 'Send test' }).click();
    const overlapping = await arrived('webhook.test', 2);
    for (const each of [secret, fresh]) expect(new Webhook(each).verify(overlapping.body, overlapping.headers)).toMatchObject({ type: 'webhook.test' });

    status = 410;
    await page.getByRole('button', { name: 'Send test' }).click();
    await expectPage(page.getByText('Studio switched this webhook off')).toBeVisible();
    expect((await studio.mailbox.waitForMessage(api.email, /switched off/)).text).toContain('answered 410');
    await rows.filter({ hasText: 'Failed' }).getByRole('button', { name: 'webhook.test' }).click();
    await expectPage(page.getByRole('dialog').getByText('The endpoint answered 410: it is gone for good.')).toBeVisible();
    await page.keyboard.press('Escape');
    await menu.click();
    await page.getByRole('menuitem', { name: 'Switch on' }).click();
    await expectPage(page.getByText('Studio switched this webhook off')).toHaveCount(0);

    await menu.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete webhook' }).click();
    await expectPage(page.getByText('No webhooks yet')).toBeVisible();

    expect(ada.complaints).toEqual([]);
    const seen = [...ada.documents, await studio.servers[0]?.output(), await studio.workers[0]?.output()].join('\n');
    for (const each of [secret, fresh]) expect(seen).not.toContain(each.slice('whsec_'.length));
  });
});
