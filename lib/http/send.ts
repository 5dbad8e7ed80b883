import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

/**
 * Answers with text or its bytes. Behind our own server it goes to the socket at once, headers and body in one write: a
 * `Response` would wrap the text in a stream first, which costs more than a cached answer does. Elsewhere, in Next
 * and in tests, there is no socket to reach and a `Response` carries it.
 */
export function send(outgoing: ServerResponse | undefined, status: number, body: string | Buffer<ArrayBuffer> | null, headers: Record<string, string>): Response {
  if (outgoing === undefined) return new Response(body, { status, headers });
  if (body !== null) outgoing.setHeader('content-length', Buffer.byteLength(body));
  try {
    outgoing.writeHead(status, headers);
  } catch (error) {
    // What answers the error has a length of its own.
    outgoing.removeHeader('content-length');
    throw error;
  }
  outgoing.end(body ?? undefined);
  return RESPONSE_ALREADY_SENT;
}
