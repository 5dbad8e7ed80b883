import { AppError } from '@/lib/kernel/errors';

const maxBodyBytes = 1024 * 1024;

/** The body as text, refused beyond one megabyte: by its announced length at once, otherwise while it is read. */
export async function readText(request: Request): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced !== null) {
    if (Number(announced) > maxBodyBytes) throw tooLarge();
    return request.text();
  }
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
