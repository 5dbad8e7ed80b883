import { recordedExchange } from './recordings';

/** The picture of the recordings. */
export const PNG = Buffer.from(recordedExchange('186c-view-png-all-headers').response.bodyBase64 ?? '', 'base64');

export function file(fileId: string, { name = 'hello.txt', bytes = Buffer.from('hello file\n'), permissions }: { name?: string; bytes?: Buffer<ArrayBuffer>; permissions?: string[] } = {}): FormData {
  const form = new FormData();
  form.set('fileId', fileId);
  permissions?.forEach((permission, i) => form.set(`permissions[${i}]`, permission));
  form.set('file', new File([bytes], name));
  return form;
}

/** A chunk of zeros of the recorded size. */
export function chunk(fileId: string, size: number): FormData {
  return file(fileId, { name: fileId === 'big1' ? 'big.bin' : 'r.bin', bytes: Buffer.alloc(size) });
}
