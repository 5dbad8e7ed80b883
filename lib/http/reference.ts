import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Door } from './door';
import { openApiDocument } from './openapi';
import { newNonce } from './security-headers';

/**
 * The page's viewer: nothing is fetched from outside, and the page's policy forbids it. The build copies it beside
 * the processes, so that what runs in production needs no package for it; in development it comes out of the package.
 */
const viewerFiles = ['dist/api-reference.js', 'node_modules/@scalar/api-reference/dist/browser/standalone.js'];

function viewerFile(): string {
  const found = viewerFiles.map((file) => path.resolve(file)).find((file) => existsSync(file));
  if (found === undefined) throw new Error('the viewer of the API reference is missing: run the build');
  return found;
}

/** The machine-readable reference at `/api/openapi.json`, and a page to read it at `/api/docs`. */
export function referenceRoutes(doors: readonly Door[]): Hono {
  const routes = new Hono();
  let text: string | undefined;
  routes.get('/api/openapi.json', (c) => {
    text ??= JSON.stringify(openApiDocument(doors));
    return c.body(text, 200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=60' });
  });
  routes.get('/api/docs/viewer.js', () => {
    const body = Readable.toWeb(createReadStream(viewerFile()));
    return new Response(asBody(body), { headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=86400' } });
  });
  routes.get('/api/docs', (c) => {
    const nonce = newNonce();
    const policy = `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`;
    return c.html(page(nonce), 200, { 'content-security-policy': policy });
  });
  return routes;
}

function asBody(stream: unknown): ReadableStream<Uint8Array> {
  return stream as ReadableStream<Uint8Array>;
}

function page(nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Studio API reference</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg" type="image/svg+xml"></head>
<body><main id="reference"></main>
<script src="/api/docs/viewer.js"></script>
<script nonce="${nonce}">
Scalar.createApiReference('#reference', { url: '/api/openapi.json', withDefaultFonts: false, telemetry: false, hideClientButton: true, agent: { disabled: true }, mcp: { disabled: true }, showDeveloperTools: 'never', documentDownloadType: 'json' });
</script></body></html>`;
}
