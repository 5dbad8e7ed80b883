interface LineOptions {
  /** How many are served at once. */
  places: number;
  /** How many may wait; one more is turned away with what `refuse` makes. */
  length: number;
  refuse: () => Error;
  /** How long a place rests after work of so many milliseconds while others wait. */
  restMs?: (workMs: number) => number;
}

/** First come, first served: runs what it is given in that order, so many at once. */
export type Line = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createLine({ places, length, refuse, restMs = () => 0 }: LineOptions): Line {
  const waiting: (() => void)[] = [];
  let free = places;

  function give(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  function giveAfter(restingMs: number): void {
    if (waiting.length === 0 || restingMs <= 0) give();
    else setTimeout(give, restingMs);
  }

  return async (work) => {
    if (free > 0) free -= 1;
    else {
      if (waiting.length >= length) throw refuse();
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    const startedMs = performance.now();
    try {
      return await work();
    } finally {
      giveAfter(restMs(performance.now() - startedMs));
    }
  };
}
