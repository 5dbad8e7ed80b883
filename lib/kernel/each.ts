import type { Log } from './log';

/** Does the same to every item; one that fails is logged and left for the next run, and holds up no other. Answers how many went well. */
export async function each<Item extends object>(ctx: { log: Log }, what: string, items: readonly Item[], act: (item: Item) => Promise<void>): Promise<number> {
  let done = 0;
  for (const item of items) {
    try {
      await act(item);
      done += 1;
    } catch (error) {
      ctx.log.error({ err: error, ...item }, `could not ${what}`);
    }
  }
  return done;
}
