import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

const MAX_BYTES = 20_000_000;

/** A log file that is moved aside when it has grown, so that disk use stays bounded. */
export class LogFile {
  #descriptor;
  #size;

  constructor(file) {
    this.file = file;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    this.#open();
  }

  write(line) {
    if (this.#descriptor === undefined) return;
    if (this.#size > MAX_BYTES) {
      closeSync(this.#descriptor);
      renameSync(this.file, `${this.file}.1`);
      this.#open();
    }
    this.#size += writeSync(this.#descriptor, `${line}\n`);
  }

  close() {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open() {
    this.#descriptor = openSync(this.file, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }
}
