import { iconShapes } from '@/app/_ui/icon-shapes';

/** Three stacked plates, one of them lifted: tenants on common ground, each on its own. */
const logo = `<symbol id="logo" viewBox="0 0 24 24"><path d="M12 13.2 3.5 17.4 12 21.6l8.5-4.2L12 13.2Z" opacity="0.35"/><path d="M12 8.6 3.5 12.8 12 17l8.5-4.2L12 8.6Z" opacity="0.65"/><path d="M12 2.4 3.5 6.6 12 10.8l8.5-4.2L12 2.4Z"/></symbol>`;

export const dynamic = 'force-static';

/** All icons as one picture, fetched once and kept. */
export function GET(): Response {
  const symbols = Object.entries(iconShapes).map(([name, shape]) => `<symbol id="${name}" viewBox="0 0 24 24">${shape}</symbol>`);
  return new Response(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}${logo}</svg>`, {
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=3600, stale-while-revalidate=604800' },
  });
}
