import { iconShapes } from '@/app/_ui/icon-shapes';

export const dynamic = 'force-static';

/** All icons as one picture, fetched once and kept. */
export function GET(): Response {
  const symbols = Object.entries(iconShapes).map(([name, shape]) => `<symbol id="${name}" viewBox="0 0 24 24">${shape}</symbol>`);
  return new Response(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`, {
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=3600, stale-while-revalidate=604800' },
  });
}
