import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectView } from '@/lib/projects/schemas';
import { findCanaries } from '../e2e/canaries';
import { shownPages, type World } from '../e2e/pages';
import { manyAttempts } from '../e2e/person';
import { figure } from '../support/figure';
import { linkIn } from '../support/mailbox';
import { withClient } from '../support/postgres';
import { ownRedis, type OwnRedis } from '../support/redis';
import { startStudio, type RunningStudio } from '../support/studio';
import { password, signUp, tokenOf, Visitor, type Answer } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { operations } from './fuzz-requests';
import type { Schema } from './from-schema';
import { addressOf, mutatingRoutes, routes } from './routes';
import { sampleFor } from './samples';

let studio: RunningStudio;
let redis: OwnRedis;
const canaries = new Map<string, string>([['password', password]]);
const documents: string[] = [];

function canary(name: string): string {
  const value = `canary-${randomBytes(12).toString('hex')}-Zz7`;
  canaries.set(name, value);
  return value;
}

beforeAll(async () => {
  redis = await ownRedis();
  const key = randomBytes(32).toString('base64');
  canaries.set('encryption key', key);
  studio = await startStudio({ redisUrl: redis.url, env: { ...manyAttempts, STUDIO_ENCRYPTION_KEYS: `k1:${key}`, APPWRITE_PLATFORM_PASSWORD: canary('password of the platform at Appwrite'), LOCAL_RAILWAY_TOKEN: canary('token of Railway'), METRICS_TOKEN: canary('token of metrics') } });
});
afterAll(async () => {
  await studio.stop();
  await redis.stop();
});

/** Fields that hold a secret, by what they are called. */
const secretName = /^(password|current_password|new_password|token|invitation_token|value|dotenv|secret)$/;

/** The body with a canary of its own in every field of that kind that the schema knows, wherever it is. */
function planted(body: unknown, schema: Schema | undefined, where: string): unknown {
  if (Array.isArray(body)) return body.map((item: unknown) => planted(item, schema?.items, where));
  if (typeof body !== 'object' || body === null) return body;
  const names = new Set([...Object.keys(body), ...Object.keys(schema?.properties ?? {}).filter((name) => secretName.test(name))]);
  const entries = [...names].map((name) => {
    const known: unknown = Object.entries(body).find(([each]) => each === name)?.[1];
    return [name, secretName.test(name) ? canary(`${name} of ${where}`) : planted(known, schema?.properties?.[name], where)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const Secret = z.object({ id: z.string().optional(), secret: z.string() });

/** Asks and takes only success: a secret that is refused at the door has been nowhere. */
async function taken(visitor: Visitor, ...asked: Parameters<Visitor['ask']>): Promise<Answer> {
  const answer = await visitor.ask(...asked);
  if (answer.status >= 300) throw new Error(`${asked[0]} ${asked[1]} was refused: ${answer.status} ${answer.text}`);
  return answer;
}

/** Goes through everything that gives or takes a secret, and writes each down. */
async function live(owner: Visitor): Promise<{ ids: Record<string, string>; world: World }> {
  const organization = await owner.post(OrganizationView, '/api/v1/organizations', { name: 'Acme', slug: 'acme' });
  const project = await owner.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name: 'Shop' });
  await waitFor(async () => (await owner.get(ProjectView, `/api/v1/projects/${project.id}`)).status === 'ready', { what: 'the project to be ready', withinMs: 40_000 });
  const [inOrganization, inProject] = [`/api/v1/organizations/${organization.id}`, `/api/v1/projects/${project.id}`];
  const made = {
    apiKey: await owner.post(Secret, `${inOrganization}/api-keys`, { name: 'Key', scopes: ['project:read'] }),
    projectKey: await owner.post(Secret, `${inProject}/keys`, { name: 'Key' }),
    webhook: await owner.post(Secret, `${inOrganization}/webhooks`, { url: 'https://hooks.example.com/x', events: ['project.created'] }),
  };
  for (const [name, { secret }] of Object.entries(made)) canaries.set(`secret of the ${name}`, secret);
  const rotated = await owner.post(Secret, `${inOrganization}/webhooks/${made.webhook.id}/rotate-secret`, undefined);
  canaries.set('second secret of the webhook', rotated.secret);
  await taken(owner, 'PUT', `${inOrganization}/railway`, { body: { token: canaries.get('token of Railway') } });
  await taken(owner, 'POST', `${inProject}/env/variables`, { body: { variables: [{ name: 'SECRET_OF_APP', value: canary('variable') }] } });
  await taken(owner, 'POST', '/api/v1/auth/step-up', { body: { password } });
  const exported = await taken(owner, 'POST', `${inProject}/env/export`);
  canaries.set('key of the variables', /^APPWRITE_API_KEY="?([^"\n]+)/m.exec(exported.text)?.[1] ?? '');
  await taken(owner, 'POST', `${inProject}/deployments`, { body: { source: { kind: 'example' } } });
  await callBack(owner, inProject);
  await letters(owner, inOrganization);
  const ids = { organization: organization.id, project: project.id, webhook: made.webhook.id ?? '', key: made.projectKey.id ?? '', environment: 'production' };
  const deployment = 'dep_00000000000000000000000000';
  return { ids, world: { slug: 'acme', unconnected: `/acme/projects/${project.id}`, readyProject: project.id, deletedProject: project.id, failedProject: project.id, waitingProject: project.id, webhook: ids.webhook, proof: deployment, liveDeployment: deployment, failedDeployment: deployment } };
}

/** The address that Railway calls, once there is something at Railway. */
async function callBack(owner: Visitor, inProject: string): Promise<void> {
  const Hook = z.object({ url: z.url() });
  const { pathname } = await waitFor(
    async () => {
      const { json } = await owner.ask('POST', `${inProject}/railway-hook`);
      const hook = Hook.safeParse(json);
      return hook.success && new URL(hook.data.url);
    },
    { what: 'the project to be at Railway', withinMs: 60_000, everyMs: 500 },
  );
  canaries.set('secret of the address that Railway calls', pathname.split('/').at(-1) ?? '');
  await taken(new Visitor(studio.url), 'POST', pathname, { body: {} });
}

/** Links of letters, sessions and access tokens. */
async function letters(owner: Visitor, inOrganization: string): Promise<void> {
  const guest = await signUp(studio, 'Grace');
  canaries.set('session', /studio_session=([^;]+)/.exec(guest.cookie ?? '')?.[1] ?? '');
  const signedIn = await guest.post(z.object({ access_token: z.string() }), '/api/v1/auth/login', { email: guest.email, password });
  canaries.set('access token', signedIn.access_token);
  await taken(new Visitor(studio.url), 'GET', '/api/v1/users/profile', { headers: { authorization: `Bearer ${signedIn.access_token}` } });
  await taken(owner, 'POST', `${inOrganization}/invitations`, { body: { email: guest.email, role: 'viewer' } });
  canaries.set('invitation', tokenOf(linkIn(await studio.mailbox.waitForMessage(guest.email, /invites you/))));
  await taken(guest, 'POST', '/api/v1/invitations/lookup', { body: { token: canaries.get('invitation') } });
  await taken(guest, 'POST', '/api/v1/invitations/accept', { body: { token: canaries.get('invitation') } });
  await taken(guest, 'POST', '/api/v1/auth/forgot-password', { body: { email: guest.email } });
  canaries.set('link for a new password', tokenOf(linkIn(await studio.mailbox.waitForMessage(guest.email, /new password/i))));
  await taken(guest, 'POST', '/api/v1/auth/reset-password', { body: { token: canaries.get('link for a new password'), password: canary('password that was reset') } });
  await taken(new Visitor(studio.url), 'POST', '/api/v1/auth/register', { body: { email: 'late@example.com', password: canary('password of a registration'), first_name: 'Late', last_name: 'Tester' } });
  canaries.set('link to confirm', tokenOf(linkIn(await studio.mailbox.waitForMessage('late@example.com', /confirm/i))));
}

/** Every changing door with canaries in its secret fields: as its owner, as a guest, and so that it is refused half-way. @returns what was answered */
async function plantEverywhere(owner: Visitor, ids: Record<string, string>): Promise<number[]> {
  const statuses: number[] = [];
  const schemas = new Map(operations().map(({ method, path: at, body }) => [`${method} ${at}`, body]));
  const guest = new Visitor(studio.url);
  for (const { door, method, path: at } of mutatingRoutes.filter((route) => route.path.startsWith('/api/v1') && route.door?.body !== undefined)) {
    if (door === undefined) continue;
    const body = planted(sampleFor(door, ids), schemas.get(`${method} ${door.path}`), door.path);
    for (const visitor of [owner, guest]) {
      statuses.push((await visitor.ask(method, addressOf({ path: at }, ids), { body })).status);
      // What does not parse holds secrets too, and so does a field that nobody knows.
      await visitor.ask(method, addressOf({ path: at }, ids), { body: `${JSON.stringify(body)}}` });
      await visitor.ask(method, addressOf({ path: at }, ids), { body: { [canary(`name of a field at ${at}`)]: 1, unknown: canary(`unknown field at ${at}`) } });
    }
  }
  const headers = { authorization: `Bearer ${canary('made-up bearer')}`, cookie: `studio_session=${canary('made-up cookie')}`, 'idempotency-key': canary('made-up idempotency key'), 'x-forwarded-for': canary('made-up address') };
  const strange = ['/api/v1/users/profile', '/api/v1/nothing', '/acme', '/', '/v1/account', `/api/v1/projects/${canary('made-up project')}`, `/api/hooks/railway/${canary('made-up hook')}`, '/metrics'];
  for (const address of strange) for (const method of ['GET', 'POST']) await guest.ask(method, `${address}?token=${canary(`token in the address of ${address}`)}`, { headers }).catch(() => undefined);
  return statuses;
}

/** Connections that are cut while secrets are on their way make the driver speak. */
async function cutMeanwhile<Result>(work: () => Promise<Result>): Promise<Result> {
  let over = false;
  const cutting = withClient(studio.database.ownerUrl, async (client) => {
    while (!over) {
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'studio-server' and pid <> pg_backend_pid()`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  });
  const result = await work().finally(() => (over = true));
  await cutting;
  return result;
}

/** Logs are written in batches: what the server was asked last has to be in its log, and the worker's last word in its own. */
async function logsWritten(): Promise<void> {
  const marker = `/v1/marker-${randomBytes(6).toString('hex')}`;
  await fetch(new URL(marker, studio.url));
  const last = [...studio.servers.map((server) => [server, marker] as const), ...studio.workers.map((worker) => [worker, '"msg":"stopping"'] as const)];
  await Promise.all(studio.workers.map((worker) => worker.stop()));
  for (const [process, line] of last) await waitFor(async () => (await process.output()).includes(line), { what: `${line} in a log` });
}

async function bundles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(files.filter((file) => file.isFile()).map((file) => readFile(path.join(file.parentPath, file.name), 'utf8')));
}

test('S4, S5, A15: no secret is in a log, a row, Redis, a page, an answer that reads, a bundle or the reference', { timeout: 400_000 }, async (context) => {
  const owner = await signUp(studio, 'Ada');
  const { ids, world } = await live(owner);
  const statuses = await plantEverywhere(owner, ids);
  const [accepted, failed] = [statuses.filter((status) => status < 300).length, statuses.filter((status) => status >= 500).length];
  let cut = 0;
  // Whether a cut meets a request is chance.
  for (let round = 0; round < 5 && cut === 0; round += 1) cut = (await cutMeanwhile(() => plantEverywhere(owner, ids))).filter((status) => status === 503).length;
  await owner.signIn().catch(() => owner.ask('GET', '/'));
  for (const address of new Set(shownPages.map(({ path: at }) => at(world)))) for (const headers of [{}, { rsc: '1' }]) documents.push((await owner.ask('GET', address, { headers })).text);
  const reads = routes.filter(({ method, path: at }) => method === 'GET' && at.startsWith('/api/v1') && !/\/(events|stream)$/.test(at));
  for (const route of reads) documents.push((await owner.ask('GET', addressOf(route, ids) + (route.path.endsWith('/projects') ? `?organization_id=${ids['organization']}` : ''))).text);
  for (const address of ['/api/openapi.json', '/api/docs', '/metrics', '/live', '/ready']) documents.push((await owner.ask('GET', address)).text);
  const [pages, scripts] = [documents.length, await bundles('.next/static')];
  const empty = [...canaries].filter(([, value]) => value.length <= 12).map(([name]) => name);
  const shown = documents.filter((text) => text.includes('Shop')).length;
  await logsWritten();
  const { searched, hits } = await findCanaries(canaries, { studio, redisUrl: redis.url, documents: [...documents, ...scripts] });
  expect.soft({ hits, empty }).toEqual({ hits: [], empty: [] });
  figure(context, { requirements: ['S4', 'S5', 'A15'], what: `${canaries.size} secrets sought in ${searched} (${pages} pages and answers, ${scripts.length} files of the bundle)`, reached: `${hits.length} found; ${accepted} of ${statuses.length} requests with secrets were taken, ${failed} failed, ${cut} more were cut off`, bound: '0, a quarter taken, 0 failed, some cut off', pass: hits.length + empty.length + failed === 0 && accepted >= statuses.length / 4 && cut > 0 && shown > 5 && canaries.size > 60 });
});

test('the search can see: a secret that is planted in each place is found in each writing', { timeout: 120_000 }, async (context) => {
  const value = `planted-${randomBytes(12).toString('hex')}`;
  const hex = Buffer.from(value).toString('hex');
  const base64 = Buffer.from(value).toString('base64');
  const client = new Redis(redis.url);
  await client.set('planted:text', `${'a long and regular text '.repeat(40)}${value}`);
  await client.hset('planted:hash', 'field', base64);
  await client.rpush('planted:list', encodeURIComponent(value));
  await client.set(`planted:${value}`, 'x');
  client.disconnect();
  await appendFile(path.join(studio.dataDir, 'planted.log'), JSON.stringify({ msg: `it was ${value}` }));
  await withClient(studio.database.ownerUrl, (owner) =>
    owner.query(`create table planted (a text, b bytea, c jsonb, d text[], e varchar(200)); insert into planted values ('${value}', '\\x${hex}', '{"x":["${value}"]}', array['${hex}'], '${base64}')`),
  );
  const { hits } = await findCanaries(new Map([['planted', value]]), { studio, redisUrl: redis.url, documents: [`<title>one</title>${value}`, `two ${base64.replaceAll('+', '-').replaceAll('/', '_')}`] });
  await withClient(studio.database.ownerUrl, (owner) => owner.query('drop table planted'));
  expect.soft(hits.toSorted()).toEqual([
    'planted in Redis at planted:hash', 'planted in Redis at planted:list', `planted in Redis at planted:${value}`, 'planted in Redis at planted:text',
    'planted in the column public.planted.a', 'planted in the column public.planted.b', 'planted in the column public.planted.c', 'planted in the column public.planted.d', 'planted in the column public.planted.e',
    'planted in the log planted.log', `planted in the page one`, `planted in the page two ${base64.slice(0, 56)}`.slice(0, 60 + 'planted in the page '.length),
  ].toSorted());
  figure(context, { requirements: ['S4'], what: 'Control: a secret planted in Redis, a log, columns of five types and pages', reached: `found in ${hits.length} of 12 places`, bound: 'all', pass: hits.length === 12 });
});
