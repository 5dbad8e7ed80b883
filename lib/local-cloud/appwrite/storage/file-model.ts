import { stamp } from '../listing';
import type { BucketDocument, FileDocument } from '../schema';

export function isComplete(file: FileDocument): boolean {
  return file.values.chunksUploaded >= file.values.chunksTotal;
}

/** The file as the API shows it; facts about the content come with the last chunk. */
export function toFile(bucket: BucketDocument, file: FileDocument): Record<string, unknown> {
  const { name, signature, mimeType, sizeOriginal, sizeStored, chunksTotal, chunksUploaded } = file.values;
  const complete = isComplete(file);
  return {
    ...stamp(file), bucketId: bucket.$id, $permissions: file.$permissions, name, signature, mimeType, sizeOriginal,
    // The real server stores ciphertext as base64 and reports its length.
    sizeActual: complete ? Math.ceil(sizeStored / 3) * 4 : 0,
    chunksTotal, chunksUploaded, encryption: complete, compression: complete ? 'none' : '',
  };
}
