const site = 'http://studio.invalid';

/** A path inside this site to go to after signing in; anything that a browser would read as another site is the start page. */
export function safeNextPath(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/') || !URL.canParse(next, site)) return '/';
  const { origin, pathname, search, hash } = new URL(next, site);
  // Written out from its parts: what the parser dropped (tabs, line breaks) must not come back to life.
  return origin === site && !pathname.startsWith('//') ? pathname + search + hash : '/';
}
