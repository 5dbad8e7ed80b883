import type { Socket } from 'node:net';

interface PipeOptions {
  /** Where data goes by now; null when that side is gone without the other being told. */
  to: () => Socket | null;
  admits: (chunk: Buffer) => boolean;
  delayMs: () => number;
  closeDelayMs: () => number;
}

/** One direction of a connection. */
export interface Pipe {
  pause(): void;
  resume(): void;
  /** Passes on at once what was held back. */
  release(): void;
}

/** What is held back keeps its place: nothing that comes later may overtake it, as on any connection. */
export function passOn(from: Socket, { to, admits, delayMs, closeDelayMs }: PipeOptions): Pipe {
  const held: Buffer[] = [];

  function write(chunk: Buffer | undefined): void {
    const target = to();
    if (chunk !== undefined && target?.writable === true) target.write(chunk);
  }

  function release(): void {
    for (const chunk of held.splice(0)) write(chunk);
  }

  function afterDelay(ms: number, work: () => void): void {
    if (ms > 0) setTimeout(work, ms);
    else work();
  }

  from.setNoDelay(true);
  // A cut is what the proxy is for: the other side is cut too, on close.
  from.on('error', () => from.destroy());
  from.on('data', (chunk) => {
    if (!admits(chunk)) return;
    const ms = delayMs();
    held.push(chunk);
    if (ms === 0) release();
    else setTimeout(() => write(held.shift()), ms);
  });
  from.on('end', () =>
    afterDelay(closeDelayMs(), () => {
      release();
      to()?.end();
    }),
  );
  from.on('close', () => afterDelay(closeDelayMs(), () => to()?.destroy()));
  return {
    pause: () => void from.pause(),
    resume: () => void from.resume(),
    release,
  };
}
