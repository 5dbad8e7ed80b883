import { Readable } from 'node:stream';
import { AppwriteError, invalidParam } from '../errors';
import { find, remove, update } from '../documents';
import { page } from '../listing';
import { text } from '../params';
import { viewableType } from '../mime';
import { allows, allowsItem, missingPermission, permissionList, readPermissions, requireHeldRoles, type Action } from '../permissions';
import { noContent, reply, route, type Call, type Route } from '../route';
import { filesOf, type BucketDocument, type FileDocument } from '../schema';
import { isComplete, toFile } from '../storage/file-model';
import { tokenOpens } from '../storage/tokens';
import { upload } from '../storage/upload';
import { bucketOrThrow } from './buckets';

const READ = { scopes: ['files.read'] };
const WRITE = { scopes: ['files.write'] };
const CACHE = 'private, max-age=3888000';

export const fileRoutes: Route[] = [
  route('GET /v1/storage/buckets/:bucketId/files', READ, async (call) => {
    const bucket = await bucketOrThrow(call);
    const everything = allows(call.actor, 'read', bucket.$permissions);
    if (!everything && !bucket.values.fileSecurity) throw missingPermission(call.actor, 'read', bucket.$permissions);
    const { total, documents, select } = await page(call.input, {
      ns: call.ns, collection: filesOf(bucket.$sequence), noun: 'File', ...(everything ? {} : { readable: readPermissions(call.actor) }),
    });
    return reply(200, { total, files: documents.map((file) => select(toFile(bucket, file))) });
  }),
  route('POST /v1/storage/buckets/:bucketId/files', { ...WRITE, limit: 60 }, async (call) => {
    const { bucket, file, again } = await upload(call);
    return reply(again ? 200 : 201, toFile(bucket, file));
  }),
  route('GET /v1/storage/buckets/:bucketId/files/:fileId', READ, async (call) => {
    const { bucket, file } = await readable(call);
    return reply(200, toFile(bucket, file));
  }),
  route('PUT /v1/storage/buckets/:bucketId/files/:fileId', WRITE, async (call) => {
    const name = call.input.optional('name', text(255), undefined);
    const permissions = call.input.optional('permissions', permissionList('item'), undefined);
    const bucket = await bucketOrThrow(call);
    const file = await fileOrThrow(call, bucket);
    if (!may(call, bucket, file, 'update')) throw new AppwriteError('user_unauthorized');
    if (permissions !== undefined) requireHeldRoles(call.actor, permissions);
    const changed = await update(call.ns, filesOf(bucket.$sequence), file.$sequence, {
      values: name === undefined ? {} : { name }, ...(permissions === undefined ? {} : { permissions }),
    });
    return reply(200, toFile(bucket, changed ?? file));
  }),
  route('DELETE /v1/storage/buckets/:bucketId/files/:fileId', { ...WRITE, limit: 60 }, async (call) => {
    const bucket = await bucketOrThrow(call);
    const file = await fileOrThrow(call, bucket);
    if (!may(call, bucket, file, 'delete')) {
      const asked = bucket.values.fileSecurity ? [...bucket.$permissions, ...file.$permissions] : bucket.$permissions;
      throw missingPermission(call.actor, 'delete', asked);
    }
    await remove(call.ns, filesOf(bucket.$sequence), file.$sequence);
    await call.platform.files.remove(addressOf(call, bucket, file));
    return noContent();
  }),
  route('GET /v1/storage/buckets/:bucketId/files/:fileId/download', READ, (call) => serveBytes(call, 'attachment')),
  route('GET /v1/storage/buckets/:bucketId/files/:fileId/view', READ, (call) => serveBytes(call, 'inline')),
  route('GET /v1/storage/buckets/:bucketId/files/:fileId/preview', READ, async (call) => {
    for (const side of ['width', 'height']) {
      const value = Number(call.input.raw(side) ?? 0);
      if (!Number.isInteger(value) || value < 0 || value > 4000) throw invalidParam(side, 'Value must be a valid range between 0 and 4,000');
    }
    await readable(call);
    throw new AppwriteError('general_not_implemented', 'This is a local development stand-in for Appwrite: it makes no previews. Use the file view instead.');
  }),
];

async function serveBytes(call: Call, disposition: 'inline' | 'attachment'): Promise<Response> {
  const { bucket, file } = await readable(call);
  const address = addressOf(call, bucket, file);
  if (!isComplete(file)) throw notOnDisk(call, file);
  const size = file.values.sizeOriginal;
  const range = readRange(call.request.headers.get('range'), size);
  const headers = new Headers({
    'content-type': disposition === 'inline' ? viewableType(file.values.mimeType) : file.values.mimeType,
    'content-disposition': `${disposition}; filename="${file.values.name.replaceAll(/["\\\r\n]/g, '_')}"`,
    'cache-control': CACHE,
    'content-length': String(range === undefined ? size : range.end - range.start + 1),
  });
  if (disposition === 'inline') headers.set('content-security-policy', 'script-src none;');
  if (range !== undefined) {
    headers.set('accept-ranges', 'bytes');
    headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`);
  }
  if (size === 0) return new Response(null, { status: 200, headers });
  const body = await call.platform.files.open(address, range).catch(() => { throw notOnDisk(call, file); });
  return new Response(toWebStream(body), { status: range === undefined ? 200 : 206, headers });
}

/** Node's own web stream is the standard one; only the two declarations differ. */
function toWebStream(stream: Readable): ReadableStream {
  return Readable.toWeb(stream) as ReadableStream;
}

/** The start and end of `bytes=0-4`, both within the file; undefined when no range was asked for. */
function readRange(header: string | null, size: number): { start: number; end: number } | undefined {
  if (header === null) return undefined;
  const match = /^bytes=(\d+)-(\d*)$/.exec(header);
  const start = Number(match?.[1]);
  const end = match?.[2] === undefined || match[2] === '' ? size - 1 : Number(match[2]);
  if (match === null || start > end || end >= size) throw new AppwriteError('storage_invalid_range');
  return { start, end };
}

/** The real server names its own path here; so does this one, without naming a folder of this machine. */
function notOnDisk(call: Call, file: FileDocument): AppwriteError {
  const dot = file.values.name.lastIndexOf('.');
  const extension = dot < 0 ? '' : file.values.name.slice(dot);
  return new AppwriteError('storage_file_not_found', `File not found in /storage/uploads/app-${call.project?.$id ?? 'console'}/${file.values.bucketId}/${file.$id}${extension}`);
}

function addressOf(call: Call, bucket: BucketDocument, file: FileDocument): { projectId: string; bucketId: string; fileId: string } {
  return { projectId: call.project?.$id ?? 'console', bucketId: bucket.$id, fileId: file.$id };
}

async function fileOrThrow(call: Call, bucket: BucketDocument): Promise<FileDocument> {
  const file = await find(call.ns, filesOf(bucket.$sequence), call.path('fileId'));
  if (file === undefined) throw new AppwriteError('storage_file_not_found');
  return file;
}

/** With file security on, what may not be read does not exist; with it off the refusal is open. */
async function readable(call: Call): Promise<{ bucket: BucketDocument; file: FileDocument }> {
  const bucket = await bucketOrThrow(call);
  const token = call.input.raw('token');
  const opened = typeof token === 'string' && (await tokenOpens(call, token, bucket, call.path('fileId')));
  if (!opened && !bucket.values.fileSecurity && !allows(call.actor, 'read', bucket.$permissions)) throw missingPermission(call.actor, 'read', bucket.$permissions);
  const file = await fileOrThrow(call, bucket);
  if (!opened && !may(call, bucket, file, 'read')) throw new AppwriteError('storage_file_not_found');
  return { bucket, file };
}

function may(call: Call, bucket: BucketDocument, file: FileDocument, action: Action): boolean {
  return allowsItem(call.actor, action, { container: bucket.$permissions, itemSecurity: bucket.values.fileSecurity, item: file.$permissions });
}
