import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

export const widths = [390, 768, 1280, 1680] as const;
export const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];
/** Axe takes seconds for a look, and so does a picture: they see each width once, and each theme narrow and wide. */
export const closeWidths: Record<Theme, readonly number[]> = { light: [390, 1280], dark: [768, 1680] };

/** What is wrong with the page as it stands: what does not fit, and what axe finds, WCAG 2.2 AA and good practice. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } }).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary?.split('\n')[1]?.trim() ?? ''}`).join('; ')}`);
  return [...(await misfitsOf(page)), ...found];
}

/** Parts outside the width, and cut tables. */
export async function misfitsOf(page: Page): Promise<string[]> {
  return [...(await overflowing(page)), ...(await cutTables(page))];
}

/** Tables that do not show all their columns at once; only tenants' rows may have more than fit. */
function cutTables(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut = [...document.querySelectorAll('[role=region]:has(> table)')].filter((region) => region.scrollWidth > region.clientWidth + 1);
    return cut.map((region) => region.getAttribute('aria-label') ?? '').filter((label) => !label.startsWith('Rows of ')).map((label) => `the table "${label}" is cut`);
  });
}

/** The elements that make the page wider than the window, if any. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > room + 0.5);
    return [`wider than ${room} px: ${wide.slice(-3).map((element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class')}">`).join(', ')}`];
  });
}
