import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';

/** Outside git; a CI keeps the folder with its run. */
export const artifacts = fileURLToPath(new URL('../../artifacts', import.meta.url));

export async function keepScreenshot(page: Page, name: string, { whole = true } = {}): Promise<void> {
  await page.screenshot({ path: path.join(artifacts, `${name.replaceAll(/[^\w-]+/g, '-')}.png`), fullPage: whole, animations: 'disabled' });
}
