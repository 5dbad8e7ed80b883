export interface Answer {
  status: number;
  /** Length of the body as it went over the wire. */
  bodyBytes: number;
}

const endOfHead = Buffer.from('\r\n\r\n');
const endOfLine = Buffer.from('\r\n');

/**
 * Takes the bytes of one connection and says when an answer is whole. It reads only what a load generator must
 * know, so that on a small machine the generator costs less than the server under test.
 */
export class ResponseReader {
  #rest: Buffer = Buffer.alloc(0);
  #status = 0;
  #state: 'head' | 'body' | 'chunk-size' | 'chunk' | 'trailer' = 'head';
  /** Bytes of the body, or of the chunk and the line end after it, still to come. */
  #missing = 0;
  #bodyBytes = 0;

  /** @returns the answer that these bytes complete, if any */
  push(bytes: Buffer): Answer | undefined {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const before = this.#state;
      const held = this.#rest.length;
      if (this.#step()) {
        const answer = { status: this.#status, bodyBytes: this.#bodyBytes };
        this.#state = 'head';
        this.#bodyBytes = 0;
        return answer;
      }
      if (this.#state === before && this.#rest.length === held) return undefined;
    }
  }

  /** Goes on by one part. @returns whether the answer is whole */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'body':
        this.#bodyBytes += this.#skip();
        return this.#missing === 0;
      case 'chunk-size':
        this.#readChunkSize();
        return false;
      case 'chunk':
        this.#skip();
        if (this.#missing === 0) this.#state = 'chunk-size';
        return false;
      case 'trailer':
        return this.#takeLine() === '';
    }
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(endOfHead);
    if (end === -1) return false;
    const head = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + endOfHead.length);
    this.#status = Number(head.slice(9, 12));
    if (this.#status === 204 || this.#status === 304) return true;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer without a length: ${head}`);
    this.#missing = Number(length ?? 0);
    this.#state = length === undefined ? 'chunk-size' : 'body';
    return length !== undefined && this.#missing === 0;
  }

  #readChunkSize(): void {
    const line = this.#takeLine();
    if (line === undefined) return;
    const size = Number.parseInt(line, 16);
    if (!Number.isInteger(size)) throw new Error(`not the size of a chunk: ${line.slice(0, 40)}`);
    this.#bodyBytes += size;
    this.#missing = size + endOfLine.length;
    this.#state = size === 0 ? 'trailer' : 'chunk';
  }

  #takeLine(): string | undefined {
    const end = this.#rest.indexOf(endOfLine);
    if (end === -1) return undefined;
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + endOfLine.length);
    return line;
  }

  #skip(): number {
    const taken = Math.min(this.#missing, this.#rest.length);
    this.#rest = this.#rest.subarray(taken);
    this.#missing -= taken;
    return taken;
  }
}
