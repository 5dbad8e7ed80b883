'use client';

import { useLayoutEffect } from 'react';
import { keepTheme, storageKey } from './theme-script';

/** The theme of pages that React draws whole in the browser, as Next does for refused and missing ones: no script of the head runs there. */
export function ThemeKeeper() {
  useLayoutEffect(() => keepTheme(storageKey), []);
  return null;
}
