import pg from 'pg';

/** Collects what COPY sends, which the driver otherwise drops. */
class CopyOut extends pg.Query {
  readonly chunks: Buffer[] = [];
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.chunks.push(chunk);
  }
}

/** The part of the driver's connection that COPY needs. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

class CopyIn extends pg.Query {
  constructor(
    text: string,
    readonly bytes: Buffer,
  ) {
    super(text);
  }
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.bytes);
    connection.endCopyFrom();
  }
}

/** What `copy … to stdout` sends. Rejects with the server's refusal. */
export async function copyOut(client: pg.ClientBase, text: string): Promise<{ lines: number; bytes: Buffer }> {
  const copy = new CopyOut(text);
  await finished(client, copy);
  return { lines: copy.chunks.length, bytes: Buffer.concat(copy.chunks) };
}

/** Feeds `copy … from stdin`. */
export async function copyIn(client: pg.ClientBase, text: string, bytes: Buffer): Promise<void> {
  await finished(client, new CopyIn(text, bytes));
}

function finished(client: pg.ClientBase, copy: pg.Query): Promise<void> {
  return new Promise((resolve, reject) => {
    copy.on('error', reject);
    copy.on('end', () => resolve());
    client.query(copy);
  });
}
