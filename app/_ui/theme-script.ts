export const storageKey = 'theme';

/**
 * Sets the class by the choice, and follows the device and other tabs from then on. Runs as text of its own as well,
 * so it may use nothing from outside.
 */
export function keepTheme(key: string): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    let chosen: string | null = null;
    try {
      chosen = localStorage.getItem(key);
    } catch {
      // Storage can be forbidden; the device then decides.
    }
    document.documentElement.classList.toggle('dark', chosen === 'dark' || (chosen !== 'light' && dark.matches));
  };
  apply();
  dark.addEventListener('change', apply);
  addEventListener('storage', apply);
}

/** Runs before the first paint, so that no page flashes in the wrong colours. */
export const themeScript = `(${keepTheme.toString()})('${storageKey}')`;
