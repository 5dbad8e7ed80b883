const SIGNATURES: ReadonlyArray<readonly [bytes: readonly number[], mime: string]> = [
  [[0x89, 0x50, 0x4e, 0x47], 'image/png'],
  [[0xff, 0xd8, 0xff], 'image/jpeg'],
  [[0x47, 0x49, 0x46, 0x38], 'image/gif'],
  [[0x25, 0x50, 0x44, 0x46], 'application/pdf'],
  [[0x50, 0x4b, 0x03, 0x04], 'application/zip'],
  [[0x1f, 0x8b], 'application/gzip'],
];

/** Types that a browser may show as they are; anything else is served as plain text, so that no page runs from here. */
const VIEWABLE = new Set([
  'image/jpeg', 'image/gif', 'image/png', 'image/webp', 'audio/mpeg', 'video/mp4', 'application/pdf', 'text/plain', 'application/octet-stream',
]);

/** Guesses a type from the content, never from the name, as the real server does. */
export function sniff(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'application/x-empty';
  for (const [signature, mime] of SIGNATURES) {
    if (signature.every((byte, i) => bytes[i] === byte)) return mime;
  }
  const head = Buffer.from(bytes.subarray(0, 512));
  if (head.subarray(0, 4).toString('latin1') === 'RIFF' && head.subarray(8, 12).toString('latin1') === 'WEBP') return 'image/webp';
  const text = head.toString('utf8');
  if (/^\s*(<!doctype html|<html)/i.test(text)) return 'text/html';
  // One byte says too little for the real server to call it text.
  return bytes.length > 1 && !head.includes(0) && !text.slice(0, -1).includes('\ufffd') ? 'text/plain' : 'application/octet-stream';
}

export function viewableType(mime: string): string {
  return VIEWABLE.has(mime) ? mime : 'text/plain';
}
