import { AppError } from '@/lib/kernel/errors';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Asked {
  method: string;
  header: (name: string) => string | undefined;
  /** A cookie was sent, so a foreign page could have made the browser send it. */
  byCookie: boolean;
}

/**
 * Refuses changes that another site's page asks for with our visitor's cookie. `Sec-Fetch-Site` decides where
 * the browser sends it, `Origin` otherwise; a cookie with neither is refused. Programs send no cookie and pass.
 */
export function demandSameOrigin({ method, header, byCookie }: Asked, baseUrl: string): void {
  if (safeMethods.has(method)) return;
  const site = header('sec-fetch-site');
  const origin = header('origin');
  const foreign = (site !== undefined && site !== 'same-origin') || (origin !== undefined && !sameOrigin(origin, baseUrl));
  const unknown = byCookie && site === undefined && origin === undefined;
  if (foreign || unknown) {
    throw new AppError('forbidden', 'This request came from another site. Reload the page and try again; programs sign in with a token instead of a cookie.');
  }
}

/** On a developer's machine the same server answers as localhost and 127.0.0.1. */
function sameOrigin(origin: string, baseUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  const asked = new URL(origin);
  const own = new URL(baseUrl);
  return asked.origin === own.origin || (isLoopback(asked) && isLoopback(own) && asked.port === own.port && asked.protocol === own.protocol);
}

function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
}
