import { Hono } from 'hono';
import { listPage, messagePage, notFoundPage, SCRIPT } from './pages';
import type { MessageStore } from './store';

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

// Mail is foreign code: no script, no request to anywhere, links open outside the frame.
const MESSAGE_POLICY = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "frame-ancestors 'self'",
].join('; ');

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Pages to read the messages, and `GET /api/messages?to=` for programs. */
export function createMailbox(store: MessageStore): Hono {
  const app = new Hono();

  app.use(async (context, next) => {
    // A page of another site could point its own name at this address and read the mail.
    if (!LOCAL_HOST.test(context.req.header('host') ?? '')) return context.text('Unknown host', 421);
    await next();
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
    context.header('Referrer-Policy', 'no-referrer');
    if (!context.res.headers.has('Content-Security-Policy')) context.header('Content-Security-Policy', PAGE_POLICY);
  });

  app.get('/', (context) => {
    const to = context.req.query('to') || undefined;
    return context.html(listPage(store.list(to), to));
  });

  app.get('/mailbox.js', (context) => context.body(SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));

  app.get('/messages/:id', (context) => {
    const message = store.find(context.req.param('id'));
    return message ? context.html(messagePage(message)) : context.html(notFoundPage(), 404);
  });

  app.get('/messages/:id/html', (context) => {
    const message = store.find(context.req.param('id'));
    if (!message || message.html === null) return context.html(notFoundPage(), 404);
    context.header('Content-Security-Policy', MESSAGE_POLICY);
    return context.html(`<base target="_blank">${message.html}`);
  });

  app.get('/api/messages', (context) => context.json({ data: store.list(context.req.query('to') || undefined) }));

  app.get('/api/messages/:id', (context) => {
    const message = store.find(context.req.param('id'));
    return message ? context.json(message) : context.json({ title: 'No such message', status: 404 }, 404);
  });

  return app;
}
