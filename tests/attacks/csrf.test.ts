import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { families } from '@/app/api/_routes/doors';
import { figure } from '../support/figure';
import { changedTables, fingerprint } from './fingerprint';
import type { Front } from './front';
import { addressOf, mutatingRoutes, nameOf, routes, type Route } from './routes';
import { sampleText } from './samples';
import { attackWorld, type AttackWorld } from './world';

let world: AttackWorld;
let front: Front;
beforeAll(async () => {
  world = await attackWorld();
  front = world.front();
});
afterAll(async () => {
  await front.close();
  await world.close();
});

/** What a browser says of a request that another page made it send, and what it cannot say when somebody makes it say nothing. */
const foreign: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another site, an old browser', { origin: 'https://evil.example' }],
  ['another site that claims to be ours', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ['our site, sent by another', { origin: 'http://studio.test', 'sec-fetch-site': 'cross-site' }],
  ['an opaque origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['an opaque origin, an old browser', { origin: 'null' }],
  ['an empty origin', { origin: '' }],
  ['neither header', {}],
  ['a sibling subdomain', { origin: 'http://evil.studio.test', 'sec-fetch-site': 'same-site' }],
  ['a sibling subdomain, an old browser', { origin: 'http://evil.studio.test' }],
  ['the domain above', { origin: 'http://test' }],
  ['another port', { origin: 'http://studio.test:8080', 'sec-fetch-site': 'same-site' }],
  ['another port, an old browser', { origin: 'http://studio.test:8080' }],
  ['another scheme', { origin: 'https://studio.test' }],
  ['a site whose name begins like ours', { origin: 'http://studio.test.evil.example' }],
  ['a site whose name ends like ours', { origin: 'http://evilstudio.test' }],
  ['a site with our name before its own', { origin: 'http://studio.test@evil.example' }],
  ['a site on this machine', { origin: 'http://localhost' }],
  ['a typed address', { 'sec-fetch-site': 'none' }],
  ['a word that no browser says', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ['two origins', { origin: 'http://studio.test, https://evil.example' }],
  ['an extension', { origin: 'chrome-extension://abcdefghijklmnop' }],
  ['a file', { origin: 'file://' }],
];

const Refusal = z.object({ code: z.literal('forbidden'), detail: z.string().regex(/came from another site/) });

function isRefused(text: string): boolean {
  return text.startsWith('{') && Refusal.safeParse(JSON.parse(text)).success;
}

function send(route: Route, headers: Record<string, string>, ids = world.acme.ids) {
  const body = sampleText(route.door, ids);
  return front.ask(route.method, addressOf(route, ids), { headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, body });
}

describe('A12: changes that another site asks for', () => {
  test('are tried at every route that the server has', () => {
    const served = front.app.routes.filter(({ method, path }) => method !== 'ALL' && families.some((family) => path.startsWith(`${family}/`)));
    expect([...new Set(served.map(({ method, path }) => nameOf({ method, path: path.replaceAll(/:(\w+)/g, '{$1}') })))].toSorted()).toEqual(routes.map(nameOf).toSorted());
  });

  test('with the cookie of the owner are refused at every door that changes something', { timeout: 120_000 }, async (context) => {
    const { token } = await world.session(world.people.owner);
    const before = await fingerprint(world.studio);
    const accepted: string[] = [];
    for (const route of mutatingRoutes) {
      for (const [name, headers] of foreign) {
        const { text, status } = await send(route, { cookie: `studio_session=${token}`, ...headers });
        if (!isRefused(text)) accepted.push(`${nameOf(route)} from ${name}: ${status}`);
      }
    }
    expect.soft(accepted.slice(0, 20)).toEqual([]);
    const changed = changedTables(before, await fingerprint(world.studio));
    expect.soft(changed).toEqual([]);
    const tried = mutatingRoutes.length * foreign.length;
    figure(context, { requirements: ['A12'], what: `${mutatingRoutes.length} changing routes × ${foreign.length} foreign origins, with the cookie`, reached: `${accepted.length} accepted of ${tried}, ${changed.length} tables changed`, bound: '0 accepted, 0 changed', pass: accepted.length + changed.length === 0 });
  });

  test('signing somebody in, or anything else that is open, is refused without a cookie too', async (context) => {
    const named = foreign.filter(([, headers]) => Object.keys(headers).length > 0);
    const open = mutatingRoutes.filter((route) => route.open);
    const accepted: string[] = [];
    for (const route of open) {
      for (const [name, headers] of named) {
        const { text, status, headers: answered } = await send(route, headers);
        if (!isRefused(text) || answered.getSetCookie().length > 0) accepted.push(`${nameOf(route)} from ${name}: ${status}`);
      }
    }
    expect.soft(accepted.slice(0, 20)).toEqual([]);
    figure(context, { requirements: ['A12'], what: `${open.length} open routes × ${named.length} foreign origins, sign-in among them`, reached: `${accepted.length} accepted of ${open.length * named.length}`, bound: '0 accepted', pass: accepted.length === 0 });
  });

  test('nothing changes by a request that claims to be of another method', async (context) => {
    const { token } = await world.session(world.people.owner);
    const reads = routes.filter(({ method, path }) => method === 'GET' && !path.endsWith('/events') && !path.endsWith('/stream'));
    const before = await fingerprint(world.studio);
    let tried = 0;
    for (const route of reads) {
      for (const method of ['DELETE', 'PATCH', 'POST', 'PUT']) {
        const headers = { cookie: `studio_session=${token}`, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'x-http-method-override': method, 'x-http-method': method, 'x-method-override': method };
        await front.ask('GET', `${addressOf(route, world.acme.ids)}?_method=${method}`, { headers });
        tried += 1;
      }
    }
    const changed = changedTables(before, await fingerprint(world.studio));
    figure(context, { requirements: ['A12'], what: 'Reads that claim to be of another method', reached: `${changed.length} tables changed by ${tried}`, bound: 'none', pass: changed.length === 0 });
  });

  test('the test can see: the same requests from our own pages are let in', async (context) => {
    const stopped: string[] = [];
    const person = await world.studio.person();
    for (const route of mutatingRoutes) {
      for (const headers of [{ origin: 'http://studio.test', 'sec-fetch-site': 'same-origin' }, { origin: 'http://studio.test' }, { 'sec-fetch-site': 'same-origin' }]) {
        const { token } = await world.session(person);
        const { text } = await send(route, { cookie: `studio_session=${token}`, ...headers }, {});
        if (isRefused(text)) stopped.push(nameOf(route));
      }
    }
    figure(context, { requirements: ['A12'], what: 'Control: the same requests from our own pages', reached: `${stopped.length} stopped of ${mutatingRoutes.length * 3}`, bound: 'none', pass: stopped.length === 0 });
  });
});
