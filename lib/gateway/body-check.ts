import { Transform, type TransformCallback } from 'node:stream';
import { decidingName, decodeForm } from './parameter-name';
import { Refusal } from './refusal';

/** Looks at a body piece by piece. True as soon as a field of it would choose another project or mode. */
interface FieldScan {
  sees(chunk: Buffer): boolean;
}

interface BodyOptions {
  contentType: string | undefined;
  /** Null for no limit. */
  maxBytes: number | null;
}

/**
 * Appwrite believes a field `project` or `mode` of the body before the headers that were checked. A body that has one
 * is cut off before the piece that names it, so Appwrite never gets a whole request. Nothing is held back otherwise.
 */
export function bodyCheck({ contentType = '', maxBytes }: BodyOptions): Transform {
  const scan = scanFor(contentType);
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      bytes += chunk.length;
      if (maxBytes !== null && bytes > maxBytes) done(tooLarge(maxBytes));
      else if (scan?.sees(chunk) === true) done(new Refusal('general_access_forbidden', 'The body must not name a project or a mode. Send the project as the header X-Appwrite-Project.'));
      else done(null, chunk);
    },
  });
}

export function tooLarge(maxBytes: number): Refusal {
  return new Refusal('payload_too_large', `The body is larger than the ${Math.floor(maxBytes / 1024 / 1024)} MB that this gateway takes. Upload files in chunks.`);
}

function scanFor(contentType: string): FieldScan | null {
  const type = contentType.toLowerCase();
  if (type.includes('multipart')) return new MultipartScan(boundaryOf(contentType));
  if (type.includes('json')) return new JsonScan();
  return type.includes('urlencoded') ? new FormScan() : null;
}

function boundaryOf(contentType: string): string {
  const [, boundary, ...more] = contentType.split(/boundary=/i);
  if (boundary === undefined || more.length > 0 || !/^[\w'()+,./:=?-]{1,70}$/.test(boundary)) {
    throw new Refusal('general_argument_invalid', 'Send multipart forms with one boundary, without quotes.');
  }
  return boundary;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const opening = new Set([0x7b, 0x5b]);
const closing = new Set([0x7d, 0x5d]);
/** More than any spelling of the names in question needs, each letter written as an escape. */
const longestName = 64;

/** Reads the keys of the outermost object. Text that is no JSON has no fields for Appwrite either. */
class JsonScan implements FieldScan {
  #depth = 0;
  #inText = false;
  #escaped = false;
  #key: number[] | null = null;
  #keyComes = false;

  sees(chunk: Buffer): boolean {
    for (const byte of chunk) {
      if (this.#inText) {
        if (this.#text(byte)) return true;
      } else if (byte === quote) {
        this.#inText = true;
        this.#key = this.#depth === 1 && this.#keyComes ? [] : null;
      } else this.#structure(byte);
    }
    return false;
  }

  #text(byte: number): boolean {
    if (byte === quote && !this.#escaped) {
      this.#inText = false;
      return this.#key !== null && isDeciding(this.#key);
    }
    this.#escaped = byte === backslash && !this.#escaped;
    if (this.#key !== null && this.#key.length < longestName) this.#key.push(byte);
    return false;
  }

  #structure(byte: number): void {
    if (opening.has(byte)) {
      this.#depth += 1;
      this.#keyComes = true;
    } else if (closing.has(byte)) this.#depth -= 1;
    else if (byte === comma) this.#keyComes = true;
    else if (byte === colon) this.#keyComes = false;
  }
}

function isDeciding(key: number[]): boolean {
  try {
    return decidingName(String(JSON.parse(`"${Buffer.from(key).toString('latin1')}"`))) !== undefined;
  } catch {
    // A key that JSON cannot read makes the whole body unreadable, for Appwrite as well.
    return false;
  }
}

/** Reads the names of an urlencoded form. */
class FormScan implements FieldScan {
  #name = '';
  #inName = true;

  sees(chunk: Buffer): boolean {
    for (const char of chunk.toString('latin1')) {
      if (char === '&') [this.#name, this.#inName] = ['', true];
      else if (char === '=') this.#inName = false;
      else if (this.#inName) this.#name += char;
      if (this.#name.length > longestName) return true;
      if (!this.#inName && this.#name !== '') {
        if (decidingName(decodeForm(this.#name)) !== undefined) return true;
        this.#name = '';
      }
    }
    return false;
  }
}

const longestPartHead = 8 * 1024;
/** `filename` may be anything; a list or a NUL after the name is cut off by PHP. */
const decidingPart = /(?<!file)name\*?\s*=\s*["']?\s*(project|mode)[^\w-]/i;

/** Reads the head of each part. The bytes between are searched for the boundary and not kept. */
class MultipartScan implements FieldScan {
  readonly #delimiter: Buffer;
  #rest: Buffer = Buffer.alloc(0);
  #inHead = false;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`--${boundary}`);
  }

  sees(chunk: Buffer): boolean {
    let left: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const mark = this.#inHead ? '\r\n\r\n' : this.#delimiter;
      const at = left.indexOf(mark);
      // What is there of a head is read at once: one that never ends otherwise would pass unread.
      if (this.#inHead && decidingPart.test(left.toString('latin1', 0, at < 0 ? longestPartHead : at + 1).replaceAll('\\', ''))) return true;
      if (at < 0) break;
      left = left.subarray(at + mark.length);
      this.#inHead = !this.#inHead;
    }
    // A head is kept whole; of the bytes between, what may be the start of a boundary.
    if (this.#inHead && left.length > longestPartHead) return true;
    this.#rest = Buffer.from(this.#inHead ? left : left.subarray(Math.max(0, left.length - this.#delimiter.length + 1)));
    return false;
  }
}
