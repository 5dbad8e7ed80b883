import { AppwriteError } from '../errors';
import { find, insert, remove } from '../documents';
import { isoTime } from '../ids';
import { page } from '../listing';
import { datetime } from '../params';
import { noContent, reply, route, type Call, type Route } from '../route';
import { filesOf, resourceTokens, type Document } from '../schema';
import { bucketOrThrow } from './buckets';

const READ = { scopes: ['tokens.read'] };
const WRITE = { scopes: ['tokens.write'] };
const FOREVER_SECONDS = 100 * 365 * 24 * 3600;

type Token = Document<typeof resourceTokens.attributes>;

export const tokenRoutes: Route[] = [
  route('GET /v1/tokens/buckets/:bucketId/files/:fileId', READ, async (call) => {
    const resourceId = await resource(call);
    const { total, documents } = await page(call.input, { ns: call.ns, collection: resourceTokens, noun: 'File token', where: { resourceId } });
    return reply(200, { total, tokens: await Promise.all(documents.map((token) => toToken(call, token))) });
  }),
  route('POST /v1/tokens/buckets/:bucketId/files/:fileId', { ...WRITE, limit: 60 }, async (call) => {
    const expire = call.input.optional('expire', datetime, null);
    const token = await insert(call.ns, resourceTokens, { id: 'unique()', values: { resourceId: await resource(call), resourceType: 'files', expire } });
    return reply(201, await toToken(call, token));
  }),
  route('GET /v1/tokens/:tokenId', READ, async (call) => reply(200, await toToken(call, await tokenOrThrow(call)))),
  route('DELETE /v1/tokens/:tokenId', WRITE, async (call) => {
    await remove(call.ns, resourceTokens, (await tokenOrThrow(call)).$sequence);
    return noContent();
  }),
];

async function resource(call: Call): Promise<string> {
  const bucket = await bucketOrThrow(call);
  const file = await find(call.ns, filesOf(bucket.$sequence), call.path('fileId'));
  if (file === undefined) throw new AppwriteError('storage_file_not_found');
  return `${bucket.$id}:${file.$id}`;
}

async function tokenOrThrow(call: Call): Promise<Token> {
  const token = await find(call.ns, resourceTokens, call.path('tokenId'));
  if (token === undefined) throw new AppwriteError('token_not_found');
  return token;
}

async function toToken(call: Call, token: Token): Promise<Record<string, unknown>> {
  const { resourceId, resourceType, expire, accessedAt } = token.values;
  const seconds = expire === null ? FOREVER_SECONDS : Math.floor((expire.getTime() - token.$createdAt.getTime()) / 1000);
  return {
    $id: token.$id, $createdAt: isoTime(token.$createdAt), resourceId, resourceType, expire: isoTime(expire),
    secret: await call.platform.signer.sign({ projectId: call.project?.$id, tokenId: token.$id }, seconds), accessedAt: isoTime(accessedAt),
  };
}
