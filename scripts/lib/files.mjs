import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Reads a JSON file; a missing file is `undefined`, a damaged one is an error that names it. */
export async function readJson(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not valid JSON; restore it or remove it`, { cause: error });
  }
}

/** Writes beside the target and renames, so a crash leaves the old file or the new one, never half. */
export async function writeFileAtomic(file, text, mode = 0o600) {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(temporary, text, { mode });
    await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export async function writeJson(file, value) {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

export async function makePrivateFolder(folder) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

export function randomSecret(bytes = 24) {
  return randomBytes(bytes).toString('base64url');
}
