import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import { KEY_SCOPES } from '@/lib/local-cloud/appwrite/scopes';

export interface Reply {
  status: number;
  text: string;
  cookies: string[];
}

/** Asks an Appwrite: the stand-in itself, or what stands before it. */
export type Send = (method: string, path: string, headers: Record<string, string>, body?: unknown) => Promise<Reply>;

export function sendTo(url: string): Send {
  return async (method, path, headers, body) => {
    const form = body instanceof FormData;
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined || form ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text(), cookies: response.headers.getSetCookie() };
  };
}

/** A project at Appwrite with one of everything in it. */
export interface Tenant {
  project: string;
  key: string;
  /** The value of an end user's session cookie. */
  session: string;
  jwt: string;
  fileToken: string;
  /** An id for each parameter of the routes. */
  ids: Record<string, string>;
  /** Texts by which its things are known again. */
  own: string[];
}

const WithId = z.object({ $id: z.string() });
const WithSecret = z.object({ secret: z.string() });
const password = 'correct-horse-1';

/** Ids that both tenants have, so that nothing but the project tells whose they are. */
export const sharedIds = { bucketId: 'shared', fileId: 'shared', databaseId: 'shared', tableId: 'shared', rowId: 'shared' };

/** Fills a project through its key. `administer` makes what a key may not. */
export async function fillTenant(send: Send, { project, key }: { project: string; key: string }, administer?: Record<string, string>): Promise<Tenant> {
  const word = `w${randomBytes(6).toString('hex')}`;
  const withKey = { 'x-appwrite-project': project, 'x-appwrite-key': key };
  const must = async (method: string, path: string, body?: unknown, headers: Record<string, string> = withKey): Promise<Reply> => {
    const reply = await send(method, path, headers, body);
    if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply;
  };
  const idOf = (reply: Reply) => WithId.parse(JSON.parse(reply.text)).$id;

  await must('POST', '/v1/users', { userId: `${word}-user`, email: `${word}@example.com`, password, name: `${word}-name` });
  await must('PATCH', `/v1/users/${word}-user/prefs`, { prefs: { note: `${word}-prefs` } });
  await must('POST', '/v1/teams', { teamId: `${word}-team`, name: `${word}-team-name` });
  const membership = idOf(await must('POST', `/v1/teams/${word}-team/memberships`, { userId: `${word}-user`, roles: ['owner'] }));
  for (const [database, table, row] of [[`${word}-db`, `${word}-table`, `${word}-row`], [sharedIds.databaseId, sharedIds.tableId, sharedIds.rowId]]) {
    await must('POST', '/v1/tablesdb', { databaseId: database, name: `${word}-db-name` });
    await must('POST', `/v1/tablesdb/${database}/tables`, { tableId: table, name: `${word}-table-name`, columns: [{ key: 'title', type: 'string', size: 100, required: true }, { key: 'count', type: 'integer', required: false }] });
    await must('POST', `/v1/tablesdb/${database}/tables/${table}/rows`, { rowId: row, data: { title: `${word}-title`, count: 1 } });
  }
  for (const [bucket, file] of [[`${word}-bucket`, `${word}-file`], [sharedIds.bucketId, sharedIds.fileId]]) {
    await must('POST', '/v1/storage/buckets', { bucketId: bucket, name: `${word}-bucket-name` });
    const form = new FormData();
    form.append('fileId', file ?? '');
    form.append('file', new Blob([`${word}-bytes`], { type: 'text/plain' }), `${word}.txt`);
    await must('POST', `/v1/storage/buckets/${bucket}/files`, form);
  }
  const token = await must('POST', `/v1/tokens/buckets/${word}-bucket/files/${word}-file`, {});
  const secret = WithSecret.parse(JSON.parse(token.text)).secret;

  const signedIn = await must('POST', '/v1/account/sessions/email', { email: `${word}@example.com`, password }, { 'x-appwrite-project': project });
  const session = signedIn.cookies.map((cookie) => new RegExp(`^a_session_${project}=([^;]+)`).exec(cookie)?.[1]).find((value) => value !== undefined) ?? '';
  const asUser = { 'x-appwrite-project': project, cookie: `a_session_${project}=${session}` };
  const jwt = z.object({ jwt: z.string() }).parse(JSON.parse((await must('POST', '/v1/account/jwts', {}, asUser)).text)).jwt;
  const made: Record<string, string> = {};
  if (administer !== undefined) {
    made['keyId'] = idOf(await must('POST', `/v1/projects/${project}/keys`, { keyId: `${word}-key`, name: `${word}-key-name`, scopes: KEY_SCOPES }, administer));
    made['platformId'] = idOf(await must('POST', `/v1/projects/${project}/platforms`, { platformId: `${word}-platform`, type: 'web', name: `${word}-platform-name`, hostname: `${word}.example.com` }, administer));
  }
  return {
    project, key, session, jwt, fileToken: secret,
    own: [word, secret, key, idOf(signedIn)],
    ids: {
      projectId: project, userId: `${word}-user`, teamId: `${word}-team`, membershipId: membership, databaseId: `${word}-db`, tableId: `${word}-table`, collectionId: `${word}-table`,
      rowId: `${word}-row`, documentId: `${word}-row`, key: 'title', column: 'count', attribute: 'count', bucketId: `${word}-bucket`, fileId: `${word}-file`, tokenId: idOf(token), sessionId: idOf(signedIn),
      keyId: `${word}-key`, platformId: `${word}-platform`, ...made,
    },
  };
}

/** What anybody may change without a credential: they sign up and in. */
export const isForGuests = ({ method, path }: { method: string; path: string }) => method === 'POST' && /^\/v1\/account(\/sessions\/.+)?$/.test(path);

/** The number of a project, by which its tables are named. */
export async function sequenceOf(database: pg.Pool, project: string): Promise<number> {
  const { rows } = await database.query<{ id: string }>('select _id as id from appwrite._console_projects where _uid = $1', [project]);
  return Number(rows[0]?.id);
}

/** A hash of everything that belongs to a project: its tables, and what the console keeps of it. */
export async function fingerprintOf(database: pg.Pool, sequence: number): Promise<string> {
  const { rows } = await database.query<{ name: string }>(`select relname as name from pg_class where relnamespace = 'appwrite'::regnamespace and relkind = 'r' and starts_with(relname, $1) order by 1`, [`_${sequence}_`]);
  const own = rows.map(({ name }) => `select '${name}' as name, md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as hash from appwrite."${name}" t`);
  const ofConsole = ['keys', 'platforms'].map((name) => `select '${name}', md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from appwrite."_console_${name}" t where project = ${sequence}`);
  const project = `select 'project', md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from appwrite."_console_projects" t where _id = ${sequence}`;
  return JSON.stringify((await database.query([...own, ...ofConsole, project].join(' union all '))).rows);
}

/** Answer 500, and 503 because no mail can be sent, at the real server too. */
export const failsAlways: ReadonlySet<string> = new Set(['/v1/health/time', '/v1/teams/:teamId/memberships']);

/** Fields for every body there is: what a route does not know it ignores. */
export function anyBody({ ids }: Tenant): Record<string, unknown> {
  return {
    ...ids, name: 'intruder', email: `${randomBytes(6).toString('hex')}@example.com`, password: 'another-horse-2', oldPassword: password, roles: ['owner'], scopes: ['users.read'], labels: ['intruder'],
    status: false, emailVerification: true, prefs: { intruder: true }, data: { title: 'intruder' }, rows: [{ $id: 'intruder', title: 'intruder' }], documents: [{ $id: 'intruder', title: 'intruder' }],
    hostname: 'intruder.example.com', type: 'web', key: 'intruder', size: 10, required: false, columns: ['title'], attributes: ['title'], value: 1, duration: 60, teamId: ids['teamId'],
  };
}
