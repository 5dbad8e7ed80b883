import { AppwriteError } from '../errors';
import { DuplicateDocument, find, insert, remove, update } from '../documents';
import { isoTime, uniqueId } from '../ids';
import { page, stamp } from '../listing';
import { customId, datetime, integer, listOf, text } from '../params';
import { noContent, reply, route, type Call, type Reply, type Route } from '../route';
import { KEY_SCOPES } from '../scopes';
import { keys, type KeyDocument, type ProjectDocument } from '../schema';
import { randomSecret } from '../tokens';

const scopes = listOf((scope) => KEY_SCOPES.includes(scope), `Value must be one of (${KEY_SCOPES.join(', ')})`);
const READ = { scopes: ['keys.read'] };
const WRITE = { scopes: ['keys.write'] };
const IN_PATH = { projectInPath: true };

export const keyRoutes: Route[] = [
  route('GET /v1/project/keys', READ, listKeys),
  route('GET /v1/projects/:projectId/keys', { ...READ, ...IN_PATH }, listKeys),
  route('POST /v1/project/keys', WRITE, createKey),
  route('POST /v1/projects/:projectId/keys', { ...WRITE, ...IN_PATH }, createKey),
  route('POST /v1/project/keys/ephemeral', WRITE, createEphemeralKey),
  route('POST /v1/projects/:projectId/jwts', { ...WRITE, ...IN_PATH }, createEphemeralKey),
  route('GET /v1/project/keys/:keyId', READ, getKey),
  route('GET /v1/projects/:projectId/keys/:keyId', { ...READ, ...IN_PATH }, getKey),
  route('PUT /v1/project/keys/:keyId', WRITE, updateKey),
  route('PUT /v1/projects/:projectId/keys/:keyId', { ...WRITE, ...IN_PATH }, updateKey),
  route('DELETE /v1/project/keys/:keyId', WRITE, deleteKey),
  route('DELETE /v1/projects/:projectId/keys/:keyId', { ...WRITE, ...IN_PATH }, deleteKey),
];

async function listKeys(call: Call): Promise<Reply> {
  const where = { project: owner(call).$sequence };
  const { total, documents, select } = await page(call.input, { ns: call.platform.console, collection: keys, noun: 'Key', where, storedId: (id) => scopedId(call, id) });
  return reply(200, { total, keys: documents.map((document) => select(toKey(document))) });
}

async function createKey(call: Call): Promise<Reply> {
  // Clients from before 1.9 did not name their keys.
  const id = call.before('1.9.0') ? call.input.optional('keyId', customId, 'unique()') : call.input.required('keyId', customId);
  const values = {
    name: call.input.required('name', text(128)), scopes: call.input.required('scopes', scopes),
    expire: call.input.optional('expire', datetime, null),
  };
  try {
    const created = await insert(call.platform.console, keys, {
      id: scopedId(call, id === 'unique()' ? uniqueId() : id), values: { ...values, project: owner(call).$sequence, secret: `standard_${randomSecret(128)}` },
    });
    return reply(201, toKey(created));
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('key_already_exists') : error;
  }
}

async function createEphemeralKey(call: Call): Promise<Reply> {
  const granted = call.input.required('scopes', scopes);
  const seconds = call.input.optional('duration', integer(1, 3600), 900);
  const now = new Date();
  const token = await call.platform.signer.sign({ projectId: owner(call).$id, scopes: granted }, seconds);
  // Odd formats, but these are what the real server prints here.
  const stamped = now.toISOString().replace('T', ' ').replace('Z', '');
  return reply(201, {
    $id: uniqueId(), $createdAt: stamped, $updatedAt: stamped, name: '', expire: new Date(now.getTime() + seconds * 1000).toISOString().replace('Z', '000Z'),
    scopes: granted, secret: `ephemeral_${token}`, accessedAt: '', sdks: [],
  });
}

async function getKey(call: Call): Promise<Reply> {
  return reply(200, toKey(await keyOrThrow(call)));
}

async function updateKey(call: Call): Promise<Reply> {
  const values = {
    name: call.input.required('name', text(128)), scopes: call.input.required('scopes', scopes),
    expire: call.input.optional('expire', datetime, null),
  };
  const found = await keyOrThrow(call);
  const changed = await update(call.platform.console, keys, found.$sequence, { values });
  if (changed === undefined) throw new AppwriteError('key_not_found');
  return reply(200, toKey(changed));
}

async function deleteKey(call: Call): Promise<Reply> {
  const found = await keyOrThrow(call);
  await remove(call.platform.console, keys, found.$sequence);
  return noContent();
}

async function keyOrThrow(call: Call): Promise<KeyDocument> {
  const found = await find(call.platform.console, keys, scopedId(call, call.path('keyId')));
  if (found === undefined) throw new AppwriteError('key_not_found');
  return found;
}

/** Two projects may use the same key id: inside, it carries the project's sequence. */
function scopedId(call: Call, id: string): string {
  return `${owner(call).$sequence}/${id}`;
}

function owner(call: Call): ProjectDocument {
  if (call.project === undefined) throw new AppwriteError('project_not_found');
  return call.project;
}

function toKey(document: KeyDocument): Record<string, unknown> {
  const { name, expire, scopes: granted, secret, accessedAt, sdks } = document.values;
  return {
    ...stamp(document), $id: document.$id.slice(document.$id.indexOf('/') + 1), name, expire: isoTime(expire), scopes: granted, secret,
    accessedAt: isoTime(accessedAt), sdks,
  };
}
