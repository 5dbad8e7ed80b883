'use client';

import { useEffect, useState } from 'react';

export interface FragmentTokens {
  token: string;
  /** Of the invitation that somebody registered for, when there was one. */
  invitation: string | null;
}

/**
 * The tokens of a mail link. They travel in the fragment, so no server sees them in a URL, and are taken out of the
 * address bar at once, so they do not stay in the history. Undefined until the page runs, null when there is none.
 */
export function useFragmentTokens(): FragmentTokens | null | undefined {
  const [tokens, setTokens] = useState<FragmentTokens | null>();
  useEffect(() => {
    const fragment = new URLSearchParams(window.location.hash.slice(1));
    const token = fragment.get('token');
    if (token !== null) window.history.replaceState(window.history.state, '', window.location.pathname);
    // A second run under strict mode finds the fragment gone and must keep what the first one took.
    setTokens((known) => (token === null ? (known ?? null) : { token, invitation: fragment.get('invitation') }));
  }, []);
  return tokens;
}

/** The same for letters that carry one token only. */
export function useFragmentToken(): string | null | undefined {
  const tokens = useFragmentTokens();
  return tokens == null ? tokens : tokens.token;
}
