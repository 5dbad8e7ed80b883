import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyCheck } from '@/lib/gateway/body-check';
import { Refusal } from '@/lib/gateway/refusal';

/** What comes out, or null when the body is refused. */
async function passed(contentType: string, pieces: readonly Buffer[]): Promise<Buffer | null> {
  const out: Buffer[] = [];
  try {
    await pipeline(Readable.from(pieces), bodyCheck({ contentType, maxBytes: null }), async (checked: AsyncIterable<Buffer>) => {
      for await (const chunk of checked) out.push(chunk);
    });
    return Buffer.concat(out);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function cut(body: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (body.length + 1)).sort((a, b) => a - b), body.length];
  return edges.slice(1).map((end, index) => body.subarray(edges[index], end));
}

const places = fc.array(fc.nat(2_000), { maxLength: 12 });
const key = fc.oneof(fc.constantFrom('project', 'mode', 'projectId', 'data', ' '), fc.string());
const json = fc.dictionary(key, fc.jsonValue());

describe('a JSON body', () => {
  it('is refused if and only if its outermost object has the field, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(json, fc.boolean(), places, async (value, spaced, at) => {
        const body = Buffer.from(JSON.stringify(value, null, spaced ? 2 : 0));
        const names = Object.keys(value).some((name) => ['project', 'mode'].includes(/^ *([^[\0]*)/.exec(name)?.[1]?.toLowerCase() ?? ''));
        const out = await passed('application/json', cut(body, at));
        expect(out === null).toBe(names);
        if (out !== null) expect(out.equals(body)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is cut off before the piece that names the field', async () => {
    const out: Buffer[] = [];
    const check = bodyCheck({ contentType: 'application/json', maxBytes: null });
    check.on('data', (chunk: Buffer) => out.push(chunk));
    const refused = new Promise((resolve) => check.once('error', resolve));
    check.write('{"a":1,"pro');
    check.write('ject":"console"}');
    expect(await refused).toBeInstanceOf(Refusal);
    expect(Buffer.concat(out).toString()).toBe('{"a":1,"pro');
  });
});

describe('a multipart body', () => {
  const multipart = 'multipart/form-data; boundary=----b';
  const part = (head: string, content: Buffer) => Buffer.concat([Buffer.from(`------b\r\n${head}\r\n\r\n`), content, Buffer.from('\r\n')]);
  const end = Buffer.from('------b--\r\n');

  it('passes whole, whatever its files hold and wherever it is cut', async () => {
    const content = fc.oneof(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), fc.constantFrom('name="project"', '\r\n\r\nname="project"', '------', '\r\n-----').map((text) => Buffer.from(text)));
    await fc.assert(
      fc.asyncProperty(fc.array(content, { maxLength: 4 }), places, async (files, at) => {
        const body = Buffer.concat([...files.map((file, n) => part(`Content-Disposition: form-data; name="file${n}"; filename="project"\r\nContent-Type: x/y`, file)), end]);
        const out = await passed(multipart, cut(body, at));
        expect(out?.equals(body)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused for a part of that name, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('name="project"', 'NAME=mode', `name='project'`, 'name="project[0]"', 'name=" mode"', 'name="m\\ode"'), places, async (name, at) => {
        const body = Buffer.concat([part('content-disposition: form-data; name="a"', Buffer.from('1')), part(`content-disposition: form-data; ${name}`, Buffer.from('console')), end]);
        expect(await passed(multipart, cut(body, at))).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it.each(['multipart/form-data', 'multipart/form-data; boundary="b"', 'multipart/form-data; boundary=a; boundary=b', `multipart/form-data; boundary=${'b'.repeat(71)}`])('is refused where its boundary can be read in two ways: %s', (contentType) => {
    expect(() => bodyCheck({ contentType, maxBytes: null })).toThrow('one boundary');
  });
});

describe('a form', () => {
  it.each(['project=console', 'a=1&mode=admin', 'a=1&+project=x', 'a=1&project%5B%5D=x', 'a=1&p%72oject=x', `${'+'.repeat(80)}project=x`])('is refused for %s', async (text) => {
    for (const at of [[], Array.from({ length: text.length }, (_, n) => n)]) expect(await passed('application/x-www-form-urlencoded', cut(Buffer.from(text), at))).toBeNull();
  });

  it('passes otherwise', async () => {
    const body = Buffer.from('code=project&state=mode%3D1&user=a%26project');
    expect((await passed('application/x-www-form-urlencoded', [body]))?.equals(body)).toBe(true);
  });
});
