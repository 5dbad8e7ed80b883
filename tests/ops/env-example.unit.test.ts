import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

// Set by whoever starts the stand-ins or a fault test, never by a person.
const INTERNAL = new Set(['STUDIO_DEV', 'FAULT', 'LOCAL_APPWRITE_DATABASE_URL', 'LOCAL_APPWRITE_FAULTS', 'LOCAL_RAILWAY_TOKEN', 'LOCAL_RAILWAY_FAULTS']);

const variables = async (file: string, pattern: RegExp) => [...(await readFile(file, 'utf8')).matchAll(pattern)].map(([, name]) => name ?? '').sort();

describe('.env.example', () => {
  it('names every variable that lib/env.ts reads once, and no other', async () => {
    const read = (await variables('lib/env.ts', /^ {2}([A-Z][A-Z_]+):/gm)).filter((name) => !INTERNAL.has(name));
    expect(read.length).toBeGreaterThan(15);
    expect(await variables('.env.example', /^#?([A-Z][A-Z_]+)=/gm)).toEqual(read);
  });
});
