import { gzipSync } from 'node:zlib';

/** What a signed-in page may load at first, compressed. */
export const mostScriptBytes = 150_000;

/** Every script that the page names, in tags and in what React streams along, save those for browsers without modules. */
export async function scriptBytes(url: string, path: string, headers: Record<string, string>): Promise<{ files: number; bytes: number }> {
  const answer = await fetch(url + path, { headers, redirect: 'manual' });
  const html = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  const legacy = new Set([...html.matchAll(/<script[^>]*\bnomodule\b[^>]*>/gi)].flatMap(([tag]) => /static\/[^"?]+\.js/.exec(tag) ?? []));
  const names = new Set([...html.matchAll(/static\/chunks\/[^"'\\?]+\.js/g)].map(([name]) => name));
  const sizes = await Promise.all(
    [...names].filter((name) => !legacy.has(name)).map(async (name) => {
      const script = await fetch(`${url}/_next/${name}`);
      if (!script.ok) throw new Error(`${name} answered ${script.status}`);
      return gzipSync(Buffer.from(await script.arrayBuffer())).byteLength;
    }),
  );
  if (sizes.length === 0) throw new Error(`${path} names no script`);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
