import { AppError } from '@/lib/kernel/errors';

export interface StreamLimits {
  /** Of one person or key; a browser's tabs share one. */
  perCaller: number;
  perProcess: number;
}

export interface StreamSlots {
  /** Takes a place and answers how to give it back, which counts once. Throws `rate_limited` or `unavailable` when there is none. */
  take(caller: string): () => void;
  /** Places that are taken now. */
  taken(): number;
}

/** Bounds the live streams of a process: each holds a connection, two timers and reads of its own. */
export function createStreamSlots({ perCaller, perProcess }: StreamLimits): StreamSlots {
  const open = new Map<string, number>();
  let total = 0;

  return {
    take(caller) {
      const own = open.get(caller) ?? 0;
      if (own >= perCaller) throw new AppError('rate_limited', `You have ${own} live streams open already. Close one of them first.`, { retryAfterSeconds: 10 });
      if (total >= perProcess) throw new AppError('unavailable', 'Too many live streams are open on this server. Try again in a moment.', { retryAfterSeconds: 10 });
      open.set(caller, own + 1);
      total += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        total -= 1;
        const left = (open.get(caller) ?? 1) - 1;
        if (left === 0) open.delete(caller);
        else open.set(caller, left);
      };
    },
    taken: () => total,
  };
}
