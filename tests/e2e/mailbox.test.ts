import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailStandIn } from '@/lib/local-cloud/mail/server';
import { anyFreePort } from '../../scripts/lib/ports.mjs';
import { launchBrowser } from '../support/chromium';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

let folder: string;
let browser: Browser;
let mail: { smtpUrl: string; mailboxUrl: string; close(): Promise<void> };

async function send(subject: string, html = `<p>${subject}</p>`): Promise<void> {
  const transport = createTransport({ url: mail.smtpUrl });
  await transport.sendMail({ from: 'Studio <studio@localhost>', to: 'ada@example.com', subject, text: `${subject} http://localhost/x#token=t`, html });
  transport.close();
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'studio-mailbox-'));
  const standIn = await createMailStandIn({ folder, log: silent, mode: 'local' });
  mail = await standIn.listen({ smtp: 0, mailbox: 0 });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await mail.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the mailbox page', () => {
  it('shows new mail without a reload, and says so', async () => {
    const page = await browser.newPage();
    await page.goto(mail.mailboxUrl);
    expect(await page.getByRole('status').textContent()).toBe('No messages yet.');
    await send('Confirm your address');
    await page.getByRole('link', { name: 'Confirm your address' }).waitFor();
    expect(await page.getByRole('status').textContent()).toBe('1 message');
    await page.close();
  });

  it('shows a message in a frame where no script runs and nothing is loaded', async () => {
    const page = await browser.newPage();
    let hits = 0;
    const tracker = createServer((_, response) => {
      hits += 1;
      response.end();
    });
    const at = `http://127.0.0.1:${await anyFreePort()}`;
    await new Promise<void>((resolve) => tracker.listen(Number(new URL(at).port), '127.0.0.1', resolve));
    const attack = `<b>bold</b><img src="${at}/p.gif"><script>top.document.title="taken"; fetch("${at}/x")</script>`;
    await send('Attack', attack);
    await page.goto(mail.mailboxUrl);
    await page.getByRole('link', { name: 'Attack' }).click();
    await page.frameLocator('iframe').getByText('bold').waitFor();
    expect(await page.title()).toBe('Attack · Studio mailbox');
    expect(hits).toBe(0);
    await page.close();
    tracker.close();
  });

  it.each(['light', 'dark'] as const)('has no accessibility violation in the %s theme', async (colorScheme) => {
    await send('Hello');
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(mail.mailboxUrl);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Hello' }).first().click();
    const frame = page.locator('iframe');
    await frame.waitFor();
    // axe runs in every frame and would wait for ever in one without scripts.
    await frame.evaluate((element) => {
      element.removeAttribute('sandbox');
      element.setAttribute('src', 'about:blank');
    });
    expect(await violations(page)).toEqual([]);
    await context.close();
  });
});

async function violations(page: Page) {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}
