import type { ReadStream } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { CUSTOM_ID } from './ids';

/** Where one file's bytes lie; ids are checked, so no path leads outside. */
export interface FileAddress {
  projectId: string;
  bucketId: string;
  fileId: string;
}

/** Bytes of files, by project id as on the real server: a re-used id meets its predecessor's folder. */
export class FileStore {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = path.join(dataDir, 'uploads');
  }

  /** Writes one chunk at its place; chunks may come in any order. */
  async write(address: FileAddress, offset: number, bytes: Uint8Array): Promise<void> {
    const file = this.#path(address);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a').then(async (created) => {
      await created.close();
      return open(file, 'r+');
    });
    try {
      await handle.write(bytes, 0, bytes.length, offset);
    } finally {
      await handle.close();
    }
  }

  read(address: FileAddress): Promise<Buffer> {
    return readFile(this.#path(address));
  }

  /** Opens the bytes, both ends of the range included; rejects when there are none. */
  async open(address: FileAddress, range?: { start: number; end: number }): Promise<ReadStream> {
    const handle = await open(this.#path(address));
    return handle.createReadStream(range);
  }

  async remove(address: FileAddress): Promise<void> {
    await rm(this.#path(address), { force: true });
  }

  async removeBucket(address: Omit<FileAddress, 'fileId'>): Promise<void> {
    await rm(path.dirname(this.#path({ ...address, fileId: 'x' })), { recursive: true, force: true });
  }

  async removeProject(projectId: string): Promise<void> {
    await rm(this.#folder(projectId), { recursive: true, force: true });
  }

  #folder(projectId: string): string {
    return path.join(this.#root, `app-${checked(projectId)}`);
  }

  #path({ projectId, bucketId, fileId }: FileAddress): string {
    return path.join(this.#folder(projectId), checked(bucketId), checked(fileId));
  }
}

function checked(id: string): string {
  if (!CUSTOM_ID.test(id)) throw new TypeError(`Not an id: ${JSON.stringify(id)}`);
  return id;
}
