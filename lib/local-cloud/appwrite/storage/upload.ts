import { createHash } from 'node:crypto';
import { AppwriteError } from '../errors';
import { DuplicateDocument, find, insert, update } from '../documents';
import { uniqueId } from '../ids';
import { sniff } from '../mime';
import { Input, customId } from '../params';
import { allows, missingPermission, ownedBy, permissionList, requireHeldRoles } from '../permissions';
import type { Call } from '../route';
import { filesOf, type BucketDocument, type FileDocument, type JsonObject } from '../schema';
import { bucketOrThrow } from '../routes/buckets';
import { isComplete } from './file-model';

/** Every chunk but the last has this size. */
const CHUNK_BYTES = 5 * 1024 * 1024;

interface Chunk {
  start: number;
  end: number;
  size: number;
}

export interface Uploaded {
  bucket: BucketDocument;
  file: FileDocument;
  /** The file was whole before this chunk came. */
  again: boolean;
}

/** Takes a whole file, or one chunk of one; chunks may come in any order and twice. */
export async function upload(call: Call): Promise<Uploaded> {
  const form = await call.request.formData().catch(() => new FormData());
  const input = new Input(formValues(form));
  const id = input.required('fileId', customId);
  const sent = input.optional('permissions', permissionList('item'), undefined);
  const bucket = await bucketOrThrow(call);
  if (!allows(call.actor, 'create', bucket.$permissions)) throw missingPermission(call.actor, 'create', bucket.$permissions);
  if (sent !== undefined) requireHeldRoles(call.actor, sent);
  const blob = form.get('file');
  if (blob === null || typeof blob === 'string') throw new AppwriteError('storage_file_empty');
  const chunk = readContentRange(call.request.headers.get('content-range'), blob.size);
  checkAgainstBucket(bucket, blob.name, chunk.size);

  const permissions = sent ?? (call.actor.user === undefined || call.actor.privileged ? [] : ownedBy(call.actor.user.$id));
  const fileId = call.request.headers.get('x-appwrite-id') ?? (id === 'unique()' ? uniqueId() : id);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const started = await start(call, bucket, { fileId, name: blob.name, permissions, chunk });
  if (started.again) return started;
  const file = await store(call, bucket, started.file, chunk, bytes);
  return { bucket, file, again: false };
}

function formValues(form: FormData): JsonObject {
  const values: JsonObject = {};
  for (const name of new Set(form.keys())) {
    const texts = form.getAll(name).filter((value) => typeof value === 'string');
    const list = /^(\w+)\[\d*\]$/.exec(name)?.[1];
    if (list === undefined) values[name] = texts[0];
    else values[list] = [...(Array.isArray(values[list]) ? values[list] : []), ...texts];
  }
  return values;
}

function readContentRange(header: string | null, bytes: number): Chunk {
  if (header === null) return { start: 0, end: bytes - 1, size: bytes };
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header);
  const [start, end, size] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (match === null || start > end || end >= size) throw new AppwriteError('storage_invalid_content_range');
  return { start, end, size };
}

function checkAgainstBucket(bucket: BucketDocument, name: string, size: number): void {
  const { allowedFileExtensions, maximumFileSize } = bucket.values;
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  if (allowedFileExtensions.length > 0 && !allowedFileExtensions.includes(extension)) throw new AppwriteError('storage_file_type_unsupported');
  if (size > maximumFileSize) throw new AppwriteError('storage_invalid_file_size');
}

interface NewFile {
  fileId: string;
  name: string;
  permissions: string[];
  chunk: Chunk;
}

/** Finds the file that this chunk belongs to, or begins it. */
async function start(call: Call, bucket: BucketDocument, { fileId, name, permissions, chunk }: NewFile): Promise<Uploaded> {
  const files = filesOf(bucket.$sequence);
  const chunked = call.request.headers.has('content-range');
  const chunksTotal = Math.max(1, Math.ceil(chunk.size / CHUNK_BYTES));
  try {
    const file = await insert(call.ns, files, {
      id: fileId, permissions, values: { bucketId: bucket.$id, name, sizeOriginal: chunk.size, chunksTotal: chunked ? chunksTotal : 1, received: [] },
    });
    return { bucket, file, again: false };
  } catch (error) {
    if (!(error instanceof DuplicateDocument)) throw error;
    const file = await find(call.ns, files, fileId);
    if (!chunked || file === undefined) throw new AppwriteError('storage_file_already_exists');
    return { bucket, file, again: isComplete(file) };
  }
}

/** Writes the bytes, then counts the chunk in one statement: two chunks at once must both count. */
async function store(call: Call, bucket: BucketDocument, file: FileDocument, chunk: Chunk, bytes: Uint8Array): Promise<FileDocument> {
  const files = filesOf(bucket.$sequence);
  const address = { projectId: call.project?.$id ?? 'console', bucketId: bucket.$id, fileId: file.$id };
  await call.platform.files.write(address, chunk.start, bytes);
  const index = Math.floor(chunk.start / CHUNK_BYTES);
  await call.ns.query(
    `UPDATE ${call.ns.table(files.name)} SET received = received || to_jsonb($2::int), "chunksUploaded" = "chunksUploaded" + 1
     WHERE _id = $1 AND NOT received @> to_jsonb($2::int)`,
    [file.$sequence, index],
  );
  const counted = await find(call.ns, files, file.$id) ?? file;
  if (!isComplete(counted)) return counted;
  const whole = await call.platform.files.read(address);
  const facts = { signature: createHash('md5').update(whole).digest('hex'), mimeType: sniff(whole), sizeStored: whole.length };
  return await update(call.ns, files, counted.$sequence, { values: facts }) ?? counted;
}
