/** Reads server-sent events as a browser does, and hands each over the moment it is whole. Ends with `signal`. */
export async function readEvents(url: string, cookie: string, onEvent: (event: string, data: string) => void, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { headers: { cookie, accept: 'text/event-stream' }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer.body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) onEvent(/^event: (.*)$/m.exec(block)?.[1] ?? 'message', data);
    }
  }
}
