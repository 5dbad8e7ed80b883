import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { rightsOf } from '@/lib/identity/access/policy';
import { manyAttempts } from '../e2e/person';
import { figure, proof } from '../support/figure';
import { startStudio, type RunningStudio } from '../support/studio';
import { hiddenFrom, makePageWorld, type PageWorld } from './page-world';

let studio: RunningStudio;
let world: PageWorld;
let pages: Page[];
let handlers: string[];

interface Page {
  /** As the build names it: `/(studio)/[org]/audit/page`. */
  name: string;
  path: string;
  /** Its place in the tree of layouts. */
  segments: string[];
}

const built = (name: string) => readFile(new URL(`../../.next/server/${name}`, import.meta.url), 'utf8');

beforeAll(async () => {
  studio = await startStudio({ env: manyAttempts });
  world = await makePageWorld(studio);
  const manifest = z.record(z.string(), z.string()).parse(JSON.parse(await built('app-paths-manifest.json')));
  pages = Object.keys(manifest).filter((name) => name.endsWith('/page')).map(pageOf);
  handlers = Object.keys(manifest).filter((name) => !name.endsWith('/page'));
});

afterAll(() => studio.stop());

function pageOf(name: string): Page {
  const segments = name.split('/').slice(1, -1);
  const path = segments.filter((segment) => !/^[(@]/.test(segment)).map(valueOf);
  return { name, path: `/${path.join('/')}`, segments };
}

function valueOf(segment: string): string {
  const name = /^\[(?:\.\.\.)?(\w+)\]$/.exec(segment)?.[1];
  if (name === undefined) return segment;
  const value = world.parameters[name];
  if (value === undefined) throw new Error(`A page takes "${name}" in its address, of which the world has none: make one in tests/isolation/page-world.ts (parameters).`);
  return value;
}

/** As a browser tells the layouts that it has: a page then comes without them, and must know by itself who asks. */
function routerState(segments: readonly string[]): string {
  const leaf: unknown = ['__PAGE__', {}, null, 'refetch'];
  const tree = segments.filter((segment) => !segment.startsWith('@')).reduceRight<unknown>((child, segment) => {
    const [, rest, name] = /^\[(\.\.\.)?(\w+)\]$/.exec(segment) ?? [];
    const here = name === undefined ? segment : [name, valueOf(segment), rest === undefined ? 'd' : 'c', null];
    return [here, { children: child }];
  }, leaf);
  return encodeURIComponent(JSON.stringify(['', { children: tree }, null, null]));
}

/** Every way in which a browser asks for a page or a part of one. */
function waysTo({ path, segments }: Page): { named: string; path: string; headers: Record<string, string> }[] {
  const segment = segments.filter((each) => !each.startsWith('@')).join('/');
  return [
    { named: 'a document', path, headers: {} },
    { named: 'a part', path: `${path}?_rsc=1`, headers: { rsc: '1' } },
    { named: 'a part below layouts that are there', path: `${path}?_rsc=2`, headers: { rsc: '1', 'next-router-state-tree': routerState(segments) } },
    { named: 'a prefetch', path: `${path}?_rsc=3`, headers: { rsc: '1', 'next-router-prefetch': '1' } },
    { named: 'the tree', path: `${path}?_rsc=4`, headers: { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' } },
    { named: 'a segment', path: `${path}?_rsc=5`, headers: { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': `/${segment}/__PAGE__` } },
    { named: 'past the middleware', path, headers: { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' } },
    { named: 'as an action', path, headers: { 'next-action': '0'.repeat(40) } },
  ];
}

test('the build has no handler of its own but the doors and two pictures', () => {
  expect([...handlers].sort()).toEqual(['/api/[[...path]]/route', '/icon.svg/route', '/icons.svg/route']);
});

test('the build has no server action: changes go through the doors', async (context) => {
  const { node, edge } = z.object({ node: z.record(z.string(), z.unknown()), edge: z.record(z.string(), z.unknown()) }).parse(JSON.parse(await built('server-reference-manifest.json')));
  const count = Object.keys(node).length + Object.keys(edge).length;
  figure(context, { requirements: ['A2'], what: 'server actions in the build', reached: String(count), bound: '0', pass: count === 0 });
});

test('A2: no page shows anybody what they may not see, whole or in part', async (context) => {
  const leaks: string[] = [];
  const failures: string[] = [];
  let cells = 0;
  for (const page of pages) {
    for (const [at, { named, path, headers }] of waysTo(page).entries()) {
      // A slice takes whole pages and parts, and of the other ways one or two.
      if (!proof.whole && at > 2 && (at + pages.indexOf(page) + proof.seed) % 4 !== 0) continue;
      for (const { name, visitor, role } of world.people) {
        cells += 1;
        const method = named === 'as an action' ? 'POST' : 'GET';
        const { status, text, headers: answered } = await visitor.ask(method, path, { headers, ...(method === 'POST' ? { body: '[]' } : {}) });
        const seen = hiddenFrom(world, role).find((hidden) => text.includes(hidden) || [...answered.values()].some((value) => value.includes(hidden)));
        if (seen !== undefined) leaks.push(`${page.name}, ${named}, ${name}: ${seen}`);
        // Next's own pages have no place of ours in them, and one of them is the failure itself.
        if (status >= 500 && !page.name.startsWith('/_')) failures.push(`${page.name}, ${named}, ${name}: ${status}`);
        const [, first = ''] = page.segments;
        if (role === null && named === 'a document' && first === '[org]' && ![307, 404].includes(status)) failures.push(`${page.name}, ${name}: ${status}`);
      }
    }
  }
  console.info([...leaks, ...failures].join('\n'));
  figure(context, { requirements: ['A2', 'A1', 'A19'], what: 'pages × ways to ask for them × people: private texts shown', reached: `${leaks.length} of ${cells} cells on ${pages.length} pages, ${world.planted.length} texts planted`, bound: '0', pass: leaks.length === 0 });
  expect(failures).toEqual([]);
});

test('what was planted is on the pages, for each role that may see it', { timeout: 480_000 }, async (context) => {
  const missing: string[] = [];
  let due = 0;
  for (const { name, visitor, role } of world.people) {
    if (role === null) continue;
    const texts: string[] = [];
    for (const { name: page, path } of pages) {
      const { status, text } = await visitor.ask('GET', path);
      texts.push(text);
      if (status >= 500 && !page.startsWith('/_')) missing.push(`${page} to ${name}: ${status}`);
    }
    const visible = world.planted.filter(({ right }) => rightsOf[role].has(right));
    due += visible.length;
    missing.push(...visible.filter(({ text }) => !texts.some((shown) => shown.includes(text))).map(({ text, right }) => `${text} (${right}) to ${name}`));
  }
  figure(context, { requirements: ['A2'], what: 'planted texts that each role which may see them finds on some page', reached: `${due - missing.length} of ${due}${missing.map((each) => `; not shown: ${each}`).join('')}`, bound: 'all', pass: missing.length === 0 && due > 0 });
});

test('a part of a page is one: the owner reads in it what was planted', { timeout: 240_000 }, async (context) => {
  const owner = world.people.find(({ role }) => role === 'owner');
  const planted = world.planted.map(({ text }) => text);
  const parts = ['a document', 'a part', 'a part below layouts that are there'];
  const shown = new Map(parts.map((named) => [named, 0]));
  for (const page of pages.filter(({ segments }) => segments.includes('[org]'))) {
    for (const { named, path, headers } of waysTo(page)) {
      const before = shown.get(named);
      if (before === undefined || owner === undefined) continue;
      const { text } = await owner.visitor.ask('GET', path, { headers });
      if (planted.some((each) => text.includes(each))) shown.set(named, before + 1);
    }
  }
  const [whole = 0, ...ofParts] = parts.map((named) => shown.get(named) ?? 0);
  figure(context, { requirements: ['A1', 'A2'], what: 'Control: pages of an organization that show its owner something planted, as a document and as parts', reached: [whole, ...ofParts].join(', '), bound: 'some, and as parts most of them', pass: whole > 0 && ofParts.every((count) => count > whole / 2) });
});
