import { expect as expectPage, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { launchBrowser } from '../support/chromium';
import { startStudio, type RunningStudio } from '../support/studio';
import { password, signUp, type Visitor } from '../support/visitor';
import { arrive, manyAttempts, useSessionOf } from './person';

let studio: RunningStudio;
let browser: Browser;
let owner: Visitor;

beforeAll(async () => {
  [studio, browser] = await Promise.all([startStudio({ env: manyAttempts }), launchBrowser()]);
  owner = await signUp(studio);
  await owner.post(OrganizationView, '/api/v1/organizations', { name: 'Acme', slug: 'acme' });
});

afterAll(async () => {
  await browser.close();
  await studio.stop();
});

/** What has the focus, in words. Fails when nobody could see that it has it. */
async function focused(page: Page): Promise<string> {
  const { name, visible } = await page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const outlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    const label = element.getAttribute('aria-label') ?? (element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? '') : element.textContent);
    return { name: label.trim(), visible: outlined || boxShadow !== 'none' || element === document.body };
  });
  expect(visible, `the focus on "${name}" can be seen`).toBe(true);
  return name;
}

async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (at === name) return;
    passed.push(at);
  }
  throw new Error(`"${name}" cannot be reached by Tab; passed ${passed.join(', ')}`);
}

const palettePrompt = 'Type a page, a project or an action';

async function runFromPalette(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(words);
  await expectPage(page.getByPlaceholder(palettePrompt)).toBeFocused();
  await expectPage(page.getByPlaceholder(palettePrompt)).toHaveValue(words);
  await expectPage(page.locator('[cmdk-item][data-selected=true], [role=option][aria-selected=true]').first()).toContainText(new RegExp(words, 'i'));
  await page.keyboard.press('Enter');
}

it('the whole way from signing in to signing out needs no mouse', async () => {
  const person = await arrive(browser, studio, 'Ada');
  const { page } = person;
  await page.goto('/sign-in');
  await expectPage(page.getByLabel('E-mail address')).toBeFocused();
  await page.keyboard.type(owner.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expectPage(page).toHaveURL(/\/acme$/);

  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  await expectPage(page.locator('#content')).toBeFocused();

  await runFromPalette(page, 'Create project');
  await expectPage(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.keyboard.type('By hand');
  await page.keyboard.press('Enter');
  await expectPage(page.getByRole('heading', { name: 'Connect your app' })).toBeVisible({ timeout: 30_000 });

  await tabTo(page, 'Copy all');
  await page.keyboard.press('Enter');
  await expectPage(page.getByText('All variables copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^APPWRITE_API_KEY="?standard_/m);

  await tabTo(page, 'Next.js');
  await page.keyboard.press('ArrowRight');
  await expectPage(page.getByRole('tab', { name: 'Node' })).toBeFocused();
  await expectPage(page.getByRole('tab', { name: 'Node' })).toHaveAttribute('aria-selected', 'true');

  await page.keyboard.press('Escape');
  await runFromPalette(page, 'Sign out');
  await expectPage(page).toHaveURL(/\/sign-in$/);
  expect(person.complaints).toEqual([]);
});

it('shortcuts, menus and dialogs give the focus back', async () => {
  const person = await arrive(browser, studio, 'Ada');
  const { page } = person;
  await page.goto('/sign-in');
  await page.keyboard.type(owner.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expectPage(page).toHaveURL(/\/acme$/);

  // The first keys may come before the page listens.
  await expectPage(async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await expectPage(page).toHaveURL(/\/acme\/members$/, { timeout: 1_500 });
  }).toPass({ timeout: 15_000 });
  await tabTo(page, 'Invite member');
  await page.keyboard.press('Enter');
  await expectPage(page.getByLabel('E-mail address')).toBeFocused();
  await page.keyboard.press('Escape');
  await expectPage(page.getByRole('dialog')).toHaveCount(0);
  await expectPage(page.getByRole('button', { name: 'Invite member' })).toBeFocused();

  await tabTo(page, 'Actions for Ada Tester');
  await page.keyboard.press('Enter');
  await expectPage(page.getByRole('menuitem', { name: 'Leave organization' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expectPage(page.getByRole('button', { name: 'Actions for Ada Tester' })).toBeFocused();

  await page.keyboard.press('?');
  await expectPage(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expectPage(page.getByRole('dialog')).toHaveCount(0);

  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await expectPage(page).toHaveURL(/\/acme$/);
  await page.keyboard.press('/');
  await expectPage(page.getByRole('searchbox').or(page.getByLabel('Filter projects by name'))).toBeFocused();
  expect(person.complaints).toEqual([]);
});

it('Ctrl K and what is typed after it are not lost while the page is on its way', async () => {
  const person = await arrive(browser, studio, 'Ada');
  const { page } = person;
  await useSessionOf(person, owner);
  await page.route('**/_next/static/chunks/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 800));
    await route.continue();
  });
  await page.goto('/acme', { waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'Projects' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('create org');
  await expectPage(page.getByPlaceholder(palettePrompt)).toBeFocused();
  await expectPage(page.getByPlaceholder(palettePrompt)).toHaveValue('create org');
  await page.keyboard.press('Enter');
  await expectPage(page).toHaveURL(/\/new-organization$/);
  expect(person.complaints).toEqual([]);
});
