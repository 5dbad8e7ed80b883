import type { IncomingMessage } from 'node:http';
import { AppError } from '@/lib/kernel/errors';

const maxBodyBytes = 1024 * 1024;

/**
 * The body as text, refused beyond one megabyte: by its announced length at once, otherwise while it is read. Where
 * there is a node request it is read itself: a web request around it holds some ten kilobytes for as long as it is
 * answered, and many of those that wait at the same time are what the collector is busy with.
 */
export async function readText(request: Request, incoming: IncomingMessage | undefined): Promise<string> {
  const announced = incoming === undefined ? request.headers.get('content-length') : incoming.headers['content-length'];
  if (announced != null && Number(announced) > maxBodyBytes) throw tooLarge();
  return incoming === undefined ? readWeb(request) : readNode(incoming);
}

function readNode(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new AppError('malformed_request', 'The connection ended before all of the request had come.'));
    // It says so once, and whoever asks later would wait for ever.
    if (incoming.destroyed) gone();
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxBodyBytes) {
        // What still comes is dropped by the server once the refusal has left.
        incoming.off('data', take).pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    };
    incoming.on('data', take);
    incoming.once('end', () => resolve(new TextDecoder().decode(Buffer.concat(chunks))));
    incoming.once('error', reject);
    incoming.once('close', gone);
  });
}

async function readWeb(request: Request): Promise<string> {
  if (request.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (const reader = request.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBodyBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', 'The request is larger than 1 MB. Send less at a time.');
}
