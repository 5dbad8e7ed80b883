/** Sends pieces of text as they come, no faster than the peer reads; a peer that leaves ends the source. `leave` wakes a source that waits for something else than the peer. */
export function textStream(pieces: AsyncIterable<string>, leave: () => void = () => undefined): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      leave();
      await iterator.return?.();
    },
  });
}
