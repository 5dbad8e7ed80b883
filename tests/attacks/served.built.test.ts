import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectView } from '@/lib/projects/schemas';
import { WebhookWithSecret } from '@/lib/webhooks/schemas';
import { shownPages, type World } from '../e2e/pages';
import { manyAttempts } from '../e2e/person';
import { figure, proof, scaled } from '../support/figure';
import { addressOfPart } from '../support/page-part';
import { startStudio, type RunningStudio } from '../support/studio';
import { signUp, Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { startCachingProxy } from './caching-proxy';
import { tricksFor } from './page-tricks';
import { rawRequest, sendRaw, type RawAnswer } from './raw-http';
import { addressOf, nameOf, routes } from './routes';

/** Somebody with an organization, and every word by which what is theirs is known again. */
interface Tenant {
  visitor: Visitor;
  ids: Record<string, string>;
  world: World;
  marks: string[];
}

let studio: RunningStudio;
let acme: Tenant;
let other: Tenant;
let buildId: string;
beforeAll(async () => {
  studio = await startStudio({ env: manyAttempts });
  buildId = (await readFile('.next/BUILD_ID', 'utf8')).trim();
  [acme, other] = [await tenant('Acme', 'markacme'), await tenant('Other', 'markother')];
});
afterAll(() => studio.stop());

async function tenant(name: string, mark: string): Promise<Tenant> {
  const visitor = await signUp(studio, `${mark}person`);
  const organization = await visitor.post(OrganizationView, '/api/v1/organizations', { name: `${mark} ${name}`, slug: mark });
  const project = await visitor.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name: `${mark} project` });
  await waitFor(async () => (await visitor.get(ProjectView, `/api/v1/projects/${project.id}`)).status === 'ready', { what: 'the project to be ready', withinMs: 40_000 });
  const webhook = await visitor.post(WebhookWithSecret, `/api/v1/organizations/${organization.id}/webhooks`, { url: `https://hooks.example.com/${mark}`, events: ['project.created'] });
  await visitor.ask('POST', `/api/v1/organizations/${organization.id}/api-keys`, { body: { name: `${mark} key`, scopes: ['project:read'] } });
  const deployment = 'dep_00000000000000000000000000';
  const made = { readyProject: project.id, deletedProject: project.id, failedProject: project.id, waitingProject: project.id, webhook: webhook.id, proof: 'prf_00000000000000000000000000', liveDeployment: deployment, failedDeployment: deployment };
  return {
    visitor,
    ids: { organization: organization.id, project: project.id, webhook: webhook.id, environment: 'production', deployment },
    world: { slug: mark, unconnected: `/${mark}/projects/${project.id}`, ...made },
    // The address says the mark itself; what is found must say more.
    marks: [`${mark} ${name}`, `${mark} project`, `${mark} key`, `${mark}person`, visitor.email, `hooks.example.com/${mark}`],
  };
}

const seen = (text: string, { marks }: Tenant): string | undefined => marks.find((mark) => text.includes(mark) || text.includes(encodeURIComponent(mark)));

/** Pages with something private in them, each once. */
function privatePages({ world }: Tenant): string[] {
  return [...new Set(shownPages.filter(({ as }) => as !== 'guest').map(({ path }) => path(world)))];
}

/** Reads of the API, once for each family, with the organization that they need named. */
function reads({ ids }: Tenant): { name: string; address: string }[] {
  return routes
    .filter(({ method, path }) => method === 'GET' && !path.endsWith('/events') && !path.endsWith('/logs/stream'))
    .map((route) => ({ name: nameOf(route), address: addressOf(route, ids) + (route.path.endsWith('/projects') ? `?organization_id=${ids['organization']}` : '') }));
}

/** So many of them, chosen by the seed. */
function drawn<Item>(items: readonly Item[], count: number): Item[] {
  const [shuffled = []] = fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { seed: proof.seed, numRuns: 1 });
  return shuffled.slice(0, count);
}

describe('A1: known ways round the check in front of a page', () => {
  test('show a guest and a stranger nothing', { timeout: scaled(240_000, 900_000) }, async (context) => {
    const pages = privatePages(acme);
    // A slice takes turns with the tricks, so that each is tried, and each page.
    const cells = pages.flatMap((page, at) => tricksFor(page, buildId).filter((_, n) => proof.whole || n % 14 === at % 14).map((trick) => ({ page, trick })));
    const asked = drawn(reads(acme), scaled(10, Infinity));
    const apis = asked.flatMap(({ address }) => tricksFor(address.split('?')[0] ?? '', buildId).filter((_, n) => proof.whole || n % 12 === 0).map((trick) => ({ page: address, trick })));
    const all = [...cells, ...apis];
    const leaked: string[] = [];
    const failed: string[] = [];
    const visitors = [['guest', undefined], ['stranger', other.visitor.cookie]] as const;
    const queue = all.flatMap((cell) => visitors.map((visitor) => ({ ...cell, visitor })));
    const tried = queue.length;
    await inLanes(8, async () => {
      for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
        const { trick, visitor: [who, cookie] } = cell;
        const { status, text } = await showPart(trick.target, { ...trick.headers, ...cookieOf(cookie, trick.headers) });
        const mark = seen(text, acme);
        if (mark !== undefined) leaked.push(`${who}, ${trick.name}: ${trick.target} shows ${mark}`);
        if (status === null || status >= 500) failed.push(`${who}, ${trick.name}: ${trick.target} ${status}`);
      }
    });
    expect.soft(leaked.slice(0, 10)).toEqual([]);
    expect.soft(failed.slice(0, 10)).toEqual([]);
    figure(context, { requirements: ['A1', 'A2'], what: `Private pages and reads (${pages.length} + ${asked.length} of ${reads(acme).length}) by ${proof.whole ? 'every known trick' : 'known tricks in turn'}, as guest and stranger`, reached: `${leaked.length} showed private bytes and ${failed.length} failed, of ${tried}`, bound: '0 and 0', pass: leaked.length + failed.length === 0 });
  });

  test('a socket for a whole address is opened to nobody', async (context) => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': Buffer.alloc(16).toString('base64') };
    const targets = ['http://169.254.169.254/latest/meta-data', 'http://127.0.0.1:5432/', '//evil.example/', '/', '/_next/webpack-hmr', '/_next/hmr', `/${acme.world.slug}`, 'http://evil.example/_next/hmr', '/api/v1/events', '*'];
    const answers = await Promise.all(targets.map((target) => sendRaw(studio.url, rawRequest('GET', target, upgrade))));
    const opened = answers.filter(({ status, text }) => status === 101 || seen(text, acme) !== undefined).length;
    figure(context, { requirements: ['A1'], what: 'Upgrades to whole addresses and to pages', reached: `${opened} opened of ${targets.length}`, bound: '0', pass: opened === 0 && (await isUp()) });
  });

  test('the test can see: the owner is shown these pages, in whole and in part', async (context) => {
    const blank: string[] = [];
    // The others show nothing of an organization.
    const pages = privatePages(acme).filter((page) => page.startsWith(`/${acme.world.slug}`));
    for (const page of pages) {
      const [whole, part] = await Promise.all([{}, { rsc: '1' }].map((headers) => acme.visitor.ask('GET', page, { headers })));
      const shown = whole !== undefined && part !== undefined && seen(whole.text, acme) !== undefined && seen(part.text, acme) !== undefined;
      if (!shown) blank.push(page);
    }
    expect.soft(blank).toEqual([]);
    figure(context, { requirements: ['A1'], what: 'Control: the owner at the same pages', reached: `${pages.length - blank.length} of ${pages.length} show what is theirs`, bound: 'all', pass: blank.length === 0 });
  });
});

function cookieOf(cookie: string | undefined, headers: Readonly<Record<string, string>>): Record<string, string> {
  return cookie === undefined ? {} : { cookie: [cookie, headers['cookie']].filter((each) => each !== undefined).join('; ') };
}

/** The answer, or that of the address to which Next sends who asks for a part. */
async function showPart(target: string, headers: Readonly<Record<string, string>>): Promise<RawAnswer> {
  const ask = (at: string): Promise<RawAnswer> => sendRaw(studio.url, rawRequest('GET', at, headers), { withinMs: 10_000 });
  const answer = await ask(target);
  const part = addressOfPart(answer.status, /^location: (.+)\r$/im.exec(answer.text)?.[1]);
  return part === null ? answer : ask(part);
}

async function inLanes(count: number, lane: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, lane));
}

const isUp = async (): Promise<boolean> => (await fetch(`${studio.url}/live`)).status === 200;

describe('R17: what is no HTTP, or hardly', () => {
  const long = 'x'.repeat(100_000);
  const post = '/api/v1/auth/login';
  const json = { 'content-type': 'application/json' };
  const cases: readonly (readonly [name: string, bytes: string])[] = [
    ['nothing', ''], ['an empty line', '\r\n\r\n'], ['bytes', '\x00\x01\x02\xff\xfe'], ['a handshake of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], ['HTTP/0.9', 'GET /\r\n'], ['HTTP/9.9', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['no host', 'GET /api/v1/organizations HTTP/1.1\r\n\r\n'], ['two hosts', 'GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n'], ['a host that is none', rawRequest('GET', '/', { host: 'a b/..?#@\\' })], ['an empty host', rawRequest('GET', '/', { host: '' })],
    ['an unknown method', rawRequest('EVIL', '/')], ['a method in lower case', rawRequest('get', '/')], ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n'], ['TRACE', rawRequest('TRACE', '/', { cookie: 'studio_session=x' })], ['TRACE at the API', rawRequest('TRACE', '/api/v1/organizations')], ['OPTIONS *', rawRequest('OPTIONS', '*')], ['HEAD', rawRequest('HEAD', '/api/v1/organizations')],
    ['a long path', rawRequest('GET', `/${long}`)], ['a path at the edge', rawRequest('GET', `/api/v1/projects/${'x'.repeat(12_000)}`)], ['a long header', rawRequest('GET', '/', { 'x-long': long })], ['many headers', rawRequest('GET', '/', Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`x-${n}`, 'y'])))], ['many cookies', rawRequest('GET', '/', { cookie: Array.from({ length: 1_000 }, (_, n) => `c${n}=x`).join('; ') })],
    ['a header without a name', 'GET / HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n'], ['a folded header', 'GET / HTTP/1.1\r\nhost: x\r\nx-a: b\r\n c\r\n\r\n'], ['a null in a header', rawRequest('GET', '/', { 'x-a': 'b\0c' })], ['a lone line feed', 'GET / HTTP/1.1\nhost: x\n\n'], ['spaces in the target', 'GET /a b HTTP/1.1\r\nhost: x\r\n\r\n'], ['a target without a slash', rawRequest('GET', 'api/v1/organizations')], ['an empty target', 'GET  HTTP/1.1\r\nhost: x\r\n\r\n'], ['only a query', rawRequest('GET', '?a=b')],
    ['high bytes in the target', rawRequest('GET', '/api/v1/projects/\xff\xfe')], ['half an escape', rawRequest('GET', '/api/v1/projects/%')], ['half an escape in a page', rawRequest('GET', '/%')], ['a broken escape in a page', rawRequest('GET', '/acme/%ff/%c0%af')], ['a broken escape in a query', rawRequest('GET', '/sign-in?next=%ff%fe')], ['the page for failures', rawRequest('GET', '/_global-error')], ['the old page for failures', rawRequest('GET', '/_error?x')],
    ['two lengths', `POST ${post} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x`], ['a length and chunks', `POST ${post} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1/organizations HTTP/1.1\r\nhost: x\r\n\r\n`], ['chunks and a length', `POST ${post} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 100\r\n\r\n0\r\n\r\n`], ['chunks twice', `POST ${post} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n`], ['chunks of another name', `POST ${post} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a negative length', `POST ${post} HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`], ['a length in hex', `POST ${post} HTTP/1.1\r\nhost: x\r\ncontent-length: 0x10\r\n\r\n`], ['an enormous length', rawRequest('POST', post, { ...json, 'content-length': '99999999999999999999' })], ['a length beyond the limit', rawRequest('POST', post, { ...json, 'content-length': '2000000' })], ['a chunk that is none', `POST ${post} HTTP/1.1\r\nhost: x\r\n${'content-type: application/json\r\n'}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`], ['an enormous chunk', `POST ${post} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nx`],
    ['a gzip bomb', rawRequest('POST', post, { ...json, 'content-encoding': 'gzip' }, '\x1f\x8b\x08\x00\x00\x00\x00\x00'.repeat(1_000))], ['a coding that is none', rawRequest('POST', post, { ...json, 'content-encoding': 'nonsense, gzip' }, '{}')], ['a body in another character set', rawRequest('POST', post, { 'content-type': 'application/json; charset=utf-16' }, '\xff\xfe{\x00}\x00')], ['half of a character', rawRequest('POST', post, json, '{"email":"\xc3"}')],
    ['a body for a read', rawRequest('GET', '/api/v1/organizations', json, '{"a":1}')], ['an expectation', rawRequest('POST', post, { ...json, expect: '200-maybe' }, '{}')], ['a range', rawRequest('GET', '/sign-in', { range: 'bytes=0-0,-1,99999999999-' })], ['an upgrade to HTTP/2', rawRequest('GET', '/api/v1/organizations', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' })], ['a server action that is none', rawRequest('POST', '/sign-in', { 'next-action': 'x', 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\n\r\n')], ['a server action of JSON', rawRequest('POST', '/sign-in', { 'next-action': '00'.repeat(21), 'content-type': 'text/plain;charset=UTF-8' }, '["$F1",{"then":"$1:__proto__:constructor:constructor"}]')], ['a form', rawRequest('POST', '/sign-in', { 'content-type': 'application/x-www-form-urlencoded' }, '$ACTION_ID_x=1')], ['a form with a part of an action', rawRequest('POST', '/sign-in', { 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\nContent-Disposition: form-data; name="$ACTION_REF_1"\r\n\r\n\r\n--x\r\nContent-Disposition: form-data; name="$ACTION_1:0"\r\n\r\n{"id":"x","bound":"$@1"}\r\n--x--\r\n')],
  ];

  test('is refused, shows nothing from inside, and takes no process down', { timeout: 240_000 }, async (context) => {
    const failed: string[] = [];
    const words: string[] = [];
    for (const [name, bytes] of cases) {
      const { status, text } = await sendRaw(studio.url, bytes, { withinMs: 1_500 });
      // 501 is what a server owes to a method or coding that nobody has.
      if (status !== null && status >= 500 && status !== 501 && status !== 505) failed.push(`${name}: ${status}`);
      if (/node_modules|\bat .+:\d+:\d+|SQLSTATE|syntax error at/.test(text)) words.push(name);
      if (seen(text, acme) !== undefined) words.push(`${name} shows what is private`);
      if (!(await isUp())) failed.push(`${name}: the server is gone`);
    }
    expect.soft(failed).toEqual([]);
    expect.soft(words).toEqual([]);
    const log = await studio.servers[0]?.output();
    const fatal = log?.split('\n').filter((line) => line.includes('"level":60')) ?? [];
    expect.soft(fatal).toEqual([]);
    figure(context, { requirements: ['R17', 'A1'], what: 'Requests that are no HTTP or hardly', reached: `${failed.length} failures and ${words.length} words from inside, of ${cases.length}; ${fatal.length} fatal errors in the log`, bound: '0, 0 and 0', pass: failed.length + words.length + fatal.length === 0 });
  });
});

describe('A19: a shared cache between people and Studio', () => {
  /** Each address is asked by one person after the other, through the same proxy. */
  async function crossings(careless: boolean): Promise<{ tried: number; crossed: string[]; hits: number; kept: string[] }> {
    const proxy = await startCachingProxy(studio.url, { careless });
    const guest = new Visitor(proxy.url);
    const addresses = [...new Set([...[acme, other].flatMap((each) => [...reads(each).map(({ address }) => address), ...privatePages(each)]), '/', '/account', '/sign-in', '/sign-up', '/icon.svg', '/icons.svg', '/api/openapi.json', '/api/docs'])];
    const crossed: string[] = [];
    let tried = 0;
    const people = [[acme.visitor, other], [other.visitor, acme], [guest, acme]] as const;
    for (const address of addresses) {
      for (const headers of [{}, { rsc: '1' }]) {
        for (const [person, foreign] of people) {
          const answer = await person.ask('GET', address, { at: proxy.url, headers });
          tried += 1;
          const mark = seen(answer.text, foreign) ?? (person === guest ? seen(answer.text, other) : undefined);
          if (mark !== undefined) crossed.push(`${address} showed ${mark} to somebody else`);
        }
      }
    }
    const kept = proxy.stored().filter(({ headers, body }) => headers['set-cookie'] !== undefined || [acme, other].some((each) => seen(body.toString(), each) !== undefined)).map(({ key }) => key);
    const hits = proxy.hits();
    await proxy.close();
    return { tried, crossed, hits, kept };
  }

  test('gives nobody what is another one’s, and keeps nothing private', { timeout: 240_000 }, async (context) => {
    const { tried, crossed, hits, kept } = await crossings(false);
    expect.soft(crossed.slice(0, 10)).toEqual([]);
    expect.soft(kept.slice(0, 10)).toEqual([]);
    expect.soft(hits).toBeGreaterThan(0);
    figure(context, { requirements: ['A19'], what: 'All reads and pages asked by two owners and a guest through one caching proxy', reached: `${crossed.length} crossings and ${kept.length} private answers kept, of ${tried} answers (${hits} out of the cache)`, bound: '0 and 0, some out of the cache', pass: crossed.length + kept.length === 0 && hits > 0 });
  });

  test('the test can see: a proxy that ignores what is forbidden crosses', { timeout: 240_000 }, async (context) => {
    const { tried, crossed } = await crossings(true);
    figure(context, { requirements: ['A19'], what: 'Control: the same through a proxy that keeps everything', reached: `${crossed.length} crossings in ${tried} answers`, bound: 'more than 0', pass: crossed.length > 0 });
  });
});

test('the pages that were asked for are all that there are', () => {
  expect(z.array(z.string()).parse(privatePages(acme)).length).toBeGreaterThan(20);
});
