import { Hono } from 'hono';
import type { Door } from './door';
import { openApiDocument } from './openapi';

/** The machine-readable reference and its page; the page's script is served by us, so nothing is fetched from outside. */
export function referenceRoutes(doors: readonly Door[]): Hono {
  const routes = new Hono();
  let text: string | undefined;
  routes.get('/api/openapi.json', (c) => {
    text ??= JSON.stringify(openApiDocument(doors));
    return c.body(text, 200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=60' });
  });
  return routes;
}
