'use client';

import { useSyncExternalStore } from 'react';
import { storageKey } from './theme-script';

/** What the reader chose; `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';

export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void } {
  const theme = useSyncExternalStore(subscribe, readTheme, () => 'system' as const);
  return { theme, setTheme };
}

function readTheme(): Theme {
  const kept = localStorage.getItem(storageKey);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

function setTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, theme);
  // The browser tells only other tabs of a change; this one is told here.
  window.dispatchEvent(new StorageEvent('storage', { key: storageKey }));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('storage', listener);
  return () => window.removeEventListener('storage', listener);
}

export function isDark(): boolean {
  return document.documentElement.classList.contains('dark');
}
