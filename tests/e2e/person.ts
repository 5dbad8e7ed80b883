import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { linkIn } from '../support/mailbox';
import type { RunningStudio } from '../support/studio';
import { password, type Visitor } from '../support/visitor';

/** Somebody in front of a browser of their own. */
export interface Person {
  readonly firstName: string;
  readonly email: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained about; refused requests, which tests ask for, are not in here. */
  readonly complaints: string[];
  /** Every page and page part that the server sent. */
  readonly documents: string[];
}

/** For studios under e2e tests: everybody comes from one address, and comes often. */
export const manyAttempts = { ATTEMPT_LIMIT_FACTOR: '1000', RATE_LIMIT_PER_MINUTE: '1000000' };

export async function arrive(browser: Browser, studio: Pick<RunningStudio, 'url'>, firstName: string, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ baseURL: studio.url, acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const documents: string[] = [];
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(`${message.text()} at ${message.location().url}`);
  });
  context.on('response', (response) => {
    const type = response.headers()['content-type'] ?? '';
    // A response that the browser dropped has no body any more, and showed nothing.
    if (/text\/(html|x-component)/.test(type)) void response.text().then((text) => documents.push(text), () => undefined);
  });
  const page = await context.newPage();
  return { firstName, email: `${firstName.toLowerCase()}-${randomBytes(4).toString('hex')}@example.com`, context, page, complaints, documents };
}

/** Gives the browser the session of somebody who signed in by other means. */
export async function useSessionOf(person: Person, visitor: Visitor): Promise<void> {
  const cookies = (visitor.cookie ?? '').split('; ').map((pair) => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1) }));
  await person.context.addCookies(cookies.map((cookie) => ({ ...cookie, url: visitor.server, httpOnly: true, sameSite: 'Lax' })));
}

/** Fills the form of the page and sends it. */
export async function register({ page, firstName, email }: Person): Promise<void> {
  await page.getByLabel('First name').fill(firstName);
  await page.getByLabel('Last name').fill('Tester');
  const address = page.getByLabel('E-mail address');
  if (await address.isEditable()) await address.fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
}

/** Opens the link of the letter. @returns the link, which holds the secret */
export async function openLetter({ page, email }: Person, { mailbox }: Pick<RunningStudio, 'mailbox'>, subject: RegExp): Promise<string> {
  const link = linkIn(await mailbox.waitForMessage(email, subject));
  await page.goto(link);
  return link;
}

export async function signIn({ page, email }: Person, secret = password): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** Asks the API as the page does, with the cookie of the browser. */
export async function askApi({ page }: Person, method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  return page.evaluate(
    async ({ method: asked, path: at, body: sent }) => {
      const init = sent === undefined ? {} : { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } };
      const response = await fetch(`/api/v1${at}`, { method: asked, ...init });
      return { status: response.status, text: await response.text() };
    },
    { method, path, body },
  );
}
