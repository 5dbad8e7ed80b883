import { type Browser, chromium } from '@playwright/test';
import { configured, ensureProgram } from '../../scripts/lib/programs.mjs';

// Without these the browser calls its maker's hosts, which a closed network refuses one by one.
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium without a window: CHROMIUM_PATH, else the installed one, else Debian's. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = configured('CHROMIUM_PATH') ?? (await ensureProgram('chromium'));
  // Chromium's sandbox does not work for root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...asRoot] });
}
