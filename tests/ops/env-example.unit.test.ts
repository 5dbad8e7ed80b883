import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

// Set by whoever starts the stand-ins or a fault test, never by a person.
const INTERNAL = new Set(['STUDIO_DEV', 'FAULT', 'LOCAL_APPWRITE_DATABASE_URL', 'LOCAL_APPWRITE_FAULTS']);

describe('.env.example', () => {
  it('names every variable that lib/env.ts reads, and no other', async () => {
    const source = await readFile('lib/env.ts', 'utf8');
    const example = await readFile('.env.example', 'utf8');
    const read = [...source.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? '').filter((name) => !INTERNAL.has(name));
    const named = [...example.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name ?? '');
    expect(read.length).toBeGreaterThan(15);
    expect(new Set(named)).toEqual(new Set(read));
  });
});
