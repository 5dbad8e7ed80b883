'use client';

import { useEffect, useState } from 'react';

/**
 * The token of a mail link. It travels in the fragment, so no server sees it in a URL, and is taken out of the
 * address bar at once, so it does not stay in the history. Undefined until the page runs, null when there is none.
 */
export function useFragmentToken(): string | null | undefined {
  const [token, setToken] = useState<string | null>();
  useEffect(() => {
    const found = new URLSearchParams(window.location.hash.slice(1)).get('token');
    if (found !== null) window.history.replaceState(window.history.state, '', window.location.pathname);
    // A second run under strict mode finds the fragment gone and must keep what the first one took.
    setToken((known) => found ?? known ?? null);
  }, []);
  return token;
}
