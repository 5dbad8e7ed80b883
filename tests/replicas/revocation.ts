interface Watch {
  /** Answers the status of one request. */
  ask: () => Promise<number>;
  /** What may be answered once the right is gone. */
  refused: readonly number[];
  revoke: () => Promise<void>;
  /** Requests on their way at the same time. */
  abreast?: number;
  giveUpMs?: number;
}

/**
 * Keeps asking while a right is taken away. Answers for how many milliseconds after the acknowledgement a request
 * could still be sent that was let in: 0 when none was. Anything but allowed and refused is an error.
 */
export async function leakAfter({ ask, refused, revoke, abreast = 3, giveUpMs = 10_000 }: Watch): Promise<number> {
  if ((await ask()) !== 200) throw new Error('it was refused before it was revoked');
  let acknowledged = Number.POSITIVE_INFINITY;
  let lastAllowed = 0;

  async function watch(): Promise<void> {
    let refusals = 0;
    // Some more after the first refusal: a right must not come back.
    while (refusals < 5) {
      const sent = performance.now();
      const status = await ask();
      if (status === 200) {
        lastAllowed = Math.max(lastAllowed, sent);
        refusals = 0;
      } else if (!refused.includes(status)) throw new Error(`expected 200 or ${refused.join(' or ')}, but it answered ${status}`);
      else if (sent > acknowledged) refusals += 1;
      if (sent - acknowledged > giveUpMs) throw new Error(`still allowed ${giveUpMs} ms after the revocation`);
    }
  }

  const watching = Promise.all(Array.from({ length: abreast }, watch));
  // Handled from the start: a watcher may fail before the revocation is through.
  await Promise.all([
    watching,
    revoke().then(() => {
      acknowledged = performance.now();
    }),
  ]);
  return Math.max(0, lastAllowed - acknowledged);
}
