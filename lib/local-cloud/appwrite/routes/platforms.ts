import { AppwriteError } from '../errors';
import { DuplicateDocument, find, insert, remove, update } from '../documents';
import { uniqueId } from '../ids';
import { page, stamp } from '../listing';
import { customId, hostname, oneOf, text, type Input } from '../params';
import { noContent, reply, route, type Call, type Reply, type Route } from '../route';
import { platforms, type PlatformDocument, type ProjectDocument } from '../schema';

/** Each kind of platform, and the parameter that says which app it is. */
const IDENTIFIER = { web: 'hostname', android: 'applicationId', apple: 'bundleIdentifier', linux: 'packageName', windows: 'packageIdentifierName' } as const;
type Kind = keyof typeof IDENTIFIER;
const KINDS: readonly Kind[] = ['web', 'android', 'apple', 'linux', 'windows'];

const READ = { scopes: ['platforms.read'] };
const WRITE = { scopes: ['platforms.write'] };
const IN_PATH = { projectInPath: true };

export const platformRoutes: Route[] = [
  route('GET /v1/project/platforms', READ, listPlatforms),
  route('GET /v1/projects/:projectId/platforms', { ...READ, ...IN_PATH }, listPlatforms),
  ...KINDS.map((kind) => route(`POST /v1/project/platforms/${kind}`, WRITE, (call) => createPlatform(call, kind))),
  ...KINDS.map((kind) => route(`PUT /v1/project/platforms/${kind}/:platformId`, WRITE, (call) => updatePlatform(call, kind))),
  route('POST /v1/projects/:projectId/platforms', { ...WRITE, ...IN_PATH }, (call) => {
    const type = call.input.required('type', oneOf(KINDS));
    return createPlatform(call, KINDS.find((kind) => kind === type) ?? 'web');
  }),
  route('GET /v1/project/platforms/:platformId', READ, getPlatform),
  route('GET /v1/projects/:projectId/platforms/:platformId', { ...READ, ...IN_PATH }, getPlatform),
  route('DELETE /v1/project/platforms/:platformId', WRITE, deletePlatform),
  route('DELETE /v1/projects/:projectId/platforms/:platformId', { ...WRITE, ...IN_PATH }, deletePlatform),
];

async function listPlatforms(call: Call): Promise<Reply> {
  const where = { project: owner(call).$sequence };
  const { total, documents, select } = await page(call.input, { ns: call.platform.console, collection: platforms, noun: 'Platform', where, storedId: (id) => scopedId(call, id) });
  return reply(200, { total, platforms: documents.map((document) => select(toPlatform(call, document))) });
}

async function createPlatform(call: Call, kind: Kind): Promise<Reply> {
  const id = call.before('1.9.0') ? call.input.optional('platformId', customId, 'unique()') : call.input.required('platformId', customId);
  const values = { type: kind, name: call.input.required('name', text(128)), ...identifier(call.input, kind) };
  try {
    const created = await insert(call.platform.console, platforms, {
      id: scopedId(call, id === 'unique()' ? uniqueId() : id), values: { ...values, project: owner(call).$sequence },
    });
    return reply(201, toPlatform(call, created));
  } catch (error) {
    throw error instanceof DuplicateDocument ? new AppwriteError('platform_already_exists') : error;
  }
}

async function updatePlatform(call: Call, kind: Kind): Promise<Reply> {
  const values = { name: call.input.required('name', text(128)), ...identifier(call.input, kind) };
  const found = await platformOrThrow(call);
  if (found.values.type !== kind) throw new AppwriteError('platform_not_found');
  const changed = await update(call.platform.console, platforms, found.$sequence, { values });
  if (changed === undefined) throw new AppwriteError('platform_not_found');
  return reply(200, toPlatform(call, changed));
}

async function getPlatform(call: Call): Promise<Reply> {
  return reply(200, toPlatform(call, await platformOrThrow(call)));
}

async function deletePlatform(call: Call): Promise<Reply> {
  const found = await platformOrThrow(call);
  await remove(call.platform.console, platforms, found.$sequence);
  return noContent();
}

function identifier(input: Input, kind: Kind): { hostname: string } | { key: string } {
  return kind === 'web' ? { hostname: input.required('hostname', hostname) } : { key: input.required(IDENTIFIER[kind], text(256)) };
}

async function platformOrThrow(call: Call): Promise<PlatformDocument> {
  const found = await find(call.platform.console, platforms, scopedId(call, call.path('platformId')));
  if (found === undefined) throw new AppwriteError('platform_not_found');
  return found;
}

function scopedId(call: Call, id: string): string {
  return `${owner(call).$sequence}/${id}`;
}

function owner(call: Call): ProjectDocument {
  if (call.project === undefined) throw new AppwriteError('project_not_found');
  return call.project;
}

function toPlatform(call: Call, document: PlatformDocument): Record<string, unknown> {
  const { name, type, hostname: host, key } = document.values;
  const head = { ...stamp(document), $id: document.$id.slice(document.$id.indexOf('/') + 1), name, type };
  const kind = KINDS.find((each) => each === type) ?? 'web';
  if (kind !== 'web') return { ...head, [IDENTIFIER[kind]]: key };
  return { ...head, hostname: host, key, ...(call.before('1.9.0') ? { store: '' } : {}) };
}
