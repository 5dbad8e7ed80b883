import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { Door } from './door';
import { openApiDocument } from './openapi';
import { newNonce } from './security-headers';

/** The page's viewer, out of the installed package: nothing is fetched from outside, and the page's policy forbids it. */
function viewerFile(): string {
  const entry = createRequire(import.meta.url).resolve('@scalar/api-reference');
  return path.join(path.dirname(entry), 'browser', 'standalone.js');
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
  for (const address of ['/api/docs', '/api/docs/problems']) {
    routes.get(address, (c) => {
      const nonce = newNonce();
      const policy = `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`;
      return c.html(page(nonce), 200, { 'content-security-policy': policy });
    });
  }
  return routes;
}

function asBody(stream: unknown): ReadableStream<Uint8Array> {
  return stream as ReadableStream<Uint8Array>;
}

function page(nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Studio API reference</title><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main id="reference"></main>
<script src="/api/docs/viewer.js"></script>
<script nonce="${nonce}">
Scalar.createApiReference('#reference', { url: '/api/openapi.json', withDefaultFonts: false, telemetry: false, hideClientButton: true, agent: { disabled: true }, mcp: { disabled: true }, showDeveloperTools: 'never', documentDownloadType: 'json' });
</script></body></html>`;
}
