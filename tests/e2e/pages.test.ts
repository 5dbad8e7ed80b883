import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect as expectPage, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostScriptBytes, scriptBytes } from '../../bench/support/script-bytes';
import { launchBrowser } from '../support/chromium';
import { startStudio, type RunningStudio } from '../support/studio';
import { Visitor } from '../support/visitor';
import { closeWidths, faultsOf, misfitsOf, themes, widths, type Theme } from './looks';
import { overlays } from './overlays';
import { pageParts, shownPages, type ShownPage, type World } from './pages';
import { arrive, manyAttempts, useSessionOf, type Person } from './person';
import { keepScreenshot } from './screenshots';
import { makeWorld } from './world';

const app = fileURLToPath(new URL('../../app', import.meta.url));

it('the list of pages names every page file, and no other', async () => {
  const files = (await readdir(app, { recursive: true })).filter((file) => /(^|\/)page\.tsx$/.test(file));
  const listed = new Set([...shownPages.map(({ file }) => file), ...pageParts]);
  expect([...listed].sort()).toEqual(files.sort());
});

describe('every page', () => {
  let studio: RunningStudio;
  let browser: Browser;
  let world: World;
  let owner: Visitor;
  let heaviest = 0;
  const people = new Map<string, Person>();

  beforeAll(async () => {
    [studio, browser] = await Promise.all([startStudio({ env: manyAttempts }), launchBrowser()]);
    const made = await makeWorld(studio);
    ({ world, owner } = made);
    const visitors = { guest: new Visitor(studio.url), owner: made.owner, viewer: made.viewer };
    for (const theme of themes) {
      for (const [as, visitor] of Object.entries(visitors)) {
        const person = await arrive(browser, studio, as, { colorScheme: theme, reducedMotion: 'reduce' });
        if (visitor.cookie !== undefined) await useSessionOf(person, visitor);
        people.set(`${as} ${theme}`, person);
      }
    }
  });

  afterAll(async () => {
    console.info(`script on first load: ${Math.round(heaviest / 1000)} kB at most`);
    await browser.close();
    await studio.stop();
  });

  function personFor(as: ShownPage['as'], theme: Theme): Person {
    const person = people.get(`${as} ${theme}`);
    if (person === undefined) throw new Error(`nobody looks as ${as} in ${theme}`);
    person.complaints.length = 0;
    return person;
  }

  async function inBothThemes(as: ShownPage['as'], look: (person: Person, theme: Theme) => Promise<void>): Promise<void> {
    // Each in its own browser window, at the same time: it is the browser that takes long.
    await Promise.all(
      themes.map(async (theme) => {
        const person = personFor(as, theme);
        await look(person, theme);
        expect.soft(person.complaints, `complaints of the browser, ${theme}`).toEqual([]);
      }),
    );
  }

  it.each(shownPages)('$name looks right at every width, light and dark', async ({ name, as, path, shows }) => {
    await inBothThemes(as, async ({ page }, theme) => {
      await page.setViewportSize({ width: widths[0], height: 900 });
      // A page with another fragment is the same page to the browser, which would not load it anew.
      await page.goto('about:blank');
      await page.goto(path(world));
      await expectPage(page.getByText(shows).filter({ visible: true }).first()).toBeVisible();
      expect(await isDark(page)).toBe(theme === 'dark');
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        const closely = closeWidths[theme].includes(width);
        expect.soft(await (closely ? faultsOf(page) : misfitsOf(page)), `${name} at ${width} px, ${theme}`).toEqual([]);
        if (closely) await keepScreenshot(page, `${name}-${width}-${theme}`);
      }
    });
  });

  it.each(shownPages.filter(({ as, name }) => as === 'owner' && name !== 'start' && name !== 'not-found'))('$name loads little script at first', async ({ path }) => {
    const { files, bytes } = await scriptBytes(studio.url, path(world), { cookie: owner.cookie ?? '' });
    expect(files).toBeGreaterThan(3);
    expect(bytes).toBeLessThanOrEqual(mostScriptBytes);
    heaviest = Math.max(heaviest, bytes);
  });

  it.each(overlays)('$name opens right, light and dark', async ({ name, path, open, width }) => {
    await inBothThemes('owner', async ({ page }, theme) => {
      for (const each of width === undefined ? [1280, 390] : [width]) {
        await page.setViewportSize({ width: each, height: 900 });
        await page.goto(path(world));
        await open(page);
        expect.soft(await faultsOf(page), `${name} at ${each} px, ${theme}`).toEqual([]);
        await keepScreenshot(page, `${name}-${each}-${theme}`, { whole: false });
      }
    });
  });
});

function isDark(page: Page): Promise<boolean> {
  return page.evaluate(() => getComputedStyle(document.documentElement).colorScheme.includes('dark'));
}
