import { AppwriteError } from '../errors';
import { createCollection, DuplicateDocument, find, insert, remove, update } from '../documents';
import { page, stamp } from '../listing';
import { boolean, customId, integer, listOf, oneOf, text, type Input } from '../params';
import { permissionList } from '../permissions';
import { noContent, reply, route, type Call, type Route } from '../route';
import { buckets, filesOf, type BucketDocument } from '../schema';

const MAX_FILE_SIZE = 30_000_000;
const READ = { scopes: ['buckets.read'] };
const WRITE = { scopes: ['buckets.write'] };

export const bucketRoutes: Route[] = [
  route('GET /v1/storage/buckets', READ, async (call) => {
    const { total, documents, select } = await page(call.input, { ns: call.ns, collection: buckets, noun: 'Bucket' });
    return reply(200, { total, buckets: await Promise.all(documents.map(async (bucket) => select(await toBucket(call, bucket)))) });
  }),
  route('POST /v1/storage/buckets', WRITE, async (call) => {
    const id = call.input.required('bucketId', customId);
    const values = readBucket(call.input);
    const permissions = call.input.optional('permissions', permissionList('container'), []);
    try {
      const bucket = await insert(call.ns, buckets, { id, values, permissions });
      await createCollection(call.ns, filesOf(bucket.$sequence));
      return reply(201, await toBucket(call, bucket));
    } catch (error) {
      throw error instanceof DuplicateDocument ? new AppwriteError('storage_bucket_already_exists') : error;
    }
  }),
  route('GET /v1/storage/buckets/:bucketId', READ, async (call) => reply(200, await toBucket(call, await bucketOrThrow(call)))),
  route('PUT /v1/storage/buckets/:bucketId', WRITE, async (call) => {
    const values = readBucket(call.input);
    const permissions = call.input.optional('permissions', permissionList('container'), undefined);
    const bucket = await bucketOrThrow(call);
    const changed = await update(call.ns, buckets, bucket.$sequence, { values, ...(permissions === undefined ? {} : { permissions }) });
    return reply(200, await toBucket(call, changed ?? bucket));
  }),
  route('DELETE /v1/storage/buckets/:bucketId', WRITE, async (call) => {
    const bucket = await bucketOrThrow(call);
    await remove(call.ns, buckets, bucket.$sequence);
    await call.ns.dropTable(filesOf(bucket.$sequence).name);
    await call.platform.files.removeBucket({ projectId: call.project?.$id ?? 'console', bucketId: bucket.$id });
    return noContent();
  }),
];

export async function bucketOrThrow(call: Call): Promise<BucketDocument> {
  const bucket = await find(call.ns, buckets, call.path('bucketId'));
  if (bucket === undefined || !(bucket.values.enabled || call.actor.privileged)) throw new AppwriteError('storage_bucket_not_found');
  return bucket;
}

function readBucket(input: Input): Partial<BucketDocument['values']> {
  return {
    name: input.required('name', text(128)),
    fileSecurity: input.optional('fileSecurity', boolean, false),
    enabled: input.optional('enabled', boolean, true),
    maximumFileSize: input.optional('maximumFileSize', integer(1, MAX_FILE_SIZE), MAX_FILE_SIZE),
    allowedFileExtensions: input.optional('allowedFileExtensions', listOf((item) => item.length <= 64, 'Value must be a valid string and at least 1 chars and no longer than 64 chars'), []),
    compression: input.optional('compression', oneOf(['none', 'gzip', 'zstd']), 'none'),
    encryption: input.optional('encryption', boolean, true),
    antivirus: input.optional('antivirus', boolean, true),
    transformations: input.optional('transformations', boolean, true),
  };
}

async function toBucket(call: Call, bucket: BucketDocument): Promise<Record<string, unknown>> {
  const { name, enabled, fileSecurity, maximumFileSize, allowedFileExtensions, compression, encryption, antivirus, transformations } = bucket.values;
  const size = await call.ns.query<{ total: number }>(`SELECT coalesce(sum("sizeOriginal"), 0)::bigint AS total FROM ${call.ns.table(filesOf(bucket.$sequence).name)}`);
  return {
    ...stamp(bucket), $permissions: bucket.$permissions, fileSecurity, name, enabled, maximumFileSize, allowedFileExtensions, compression, encryption,
    antivirus, transformations, totalSize: size.rows[0]?.total ?? 0,
  };
}
