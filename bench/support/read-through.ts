import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';

/** Reads every file of a folder once, so that the machine has it in memory as far as there is room. */
export async function readThrough(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    await finished(createReadStream(path.join(entry.parentPath, entry.name), { highWaterMark: 2 ** 20 }).resume()).catch((error: unknown) => {
      // Whose files they are may have removed one meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
}
