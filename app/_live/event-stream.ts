/** One server-sent event. */
export interface LiveEvent {
  id: string;
  kind: string;
  data: string;
}

/** Splits the text of an event stream into events; what is not whole yet waits for the next piece. */
export function createEventParser(onEvent: (event: LiveEvent) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) onEvent(event);
    }
  };
}

/** Comments, which keep the connection alive, carry no data and give null. */
function parseBlock(block: string): LiveEvent | null {
  let id = '';
  let kind = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') id = value;
    else if (field === 'event') kind = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { id, kind, data: data.join('\n') };
}
