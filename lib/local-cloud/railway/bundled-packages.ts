import { cp, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const manifest = z.object({ version: z.string().default(''), dependencies: z.record(z.string(), z.string()).default({}) });

/**
 * Copies the packages that the bundled example needs from the repository it lies in, so that it starts without a
 * network. Copied and not linked: the app's user owns its folder whole, and a link would lead out of it.
 * False when one is missing or of another version than the example names.
 */
export async function copyBundledPackages(exampleDir: string, target: string): Promise<boolean> {
  const wanted = await readManifest(exampleDir);
  const found = new Map<string, string>();
  for (const [name, version] of Object.entries(wanted?.dependencies ?? {})) {
    if (!(await gather(name, exampleDir, found, version))) return false;
  }
  for (const [name, folder] of found) await cp(folder, path.join(target, 'node_modules', name), { recursive: true });
  return true;
}

async function gather(name: string, from: string, found: Map<string, string>, version?: string): Promise<boolean> {
  const folder = await locate(name, from);
  if (folder === undefined) return false;
  const known = found.get(name);
  // Two versions of one package need nested folders; npm knows how, this does not.
  if (known !== undefined) return known === folder;
  const own = await readManifest(folder);
  if (own === undefined || (version !== undefined && own.version !== version)) return false;
  found.set(name, folder);
  for (const dependency of Object.keys(own.dependencies)) if (!(await gather(dependency, folder, found))) return false;
  return true;
}

/** Upwards from a folder, as Node looks for packages. */
async function locate(name: string, from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (await stat(candidate).then((found) => found.isDirectory(), () => false)) return candidate;
    if (folder === path.dirname(folder)) return undefined;
  }
}

async function readManifest(folder: string): Promise<z.infer<typeof manifest> | undefined> {
  const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : manifest.parse(JSON.parse(text));
}
