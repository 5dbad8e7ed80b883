import type { ServerResponse } from 'node:http';
import type { AppError } from '@/lib/kernel/errors';
import { titleOf } from './problem';

/** For people, when no page can be made: a refusal or failure as a page that loads nothing. */
export function sendPlainPage(response: ServerResponse, error: AppError): void {
  const title = escapeHtml(titleOf(error.code));
  response.writeHead(error.status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'private, no-store',
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
  });
  response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title} · Studio</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem">
<main>
<h1 style="font-size: 1.25rem">${title}</h1>
<p>${escapeHtml(error.message)}</p>
</main>
</body>
</html>
`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
