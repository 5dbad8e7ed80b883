declare global {
  /** What was typed after an early ⌘K, or null without one; may be asked once, by whoever listens from then on. */
  var takeEarlyKeys: (() => string | null) | undefined;
}

/** Notes a ⌘K, and what is typed after it, before the page listens. Runs as text of its own, so it may use nothing from outside. */
function keepEarlyKeys(): void {
  let typed: string | null = null;
  const note = (event: KeyboardEvent) => {
    const chord = event.metaKey || event.ctrlKey;
    if (chord && event.key.toLowerCase() === 'k') typed = '';
    else if (typed !== null && !chord && event.key.length === 1) typed += event.key;
    else return;
    event.preventDefault();
  };
  addEventListener('keydown', note);
  globalThis.takeEarlyKeys = () => {
    removeEventListener('keydown', note);
    const taken = typed;
    typed = null;
    return taken;
  };
}

export const earlyKeysScript = `(${keepEarlyKeys.toString()})()`;
