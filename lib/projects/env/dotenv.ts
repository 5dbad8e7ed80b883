/** A variable as a file or a form gives it. */
export interface Assignment {
  name: string;
  value: string;
}

/** A line that cannot be understood; `line` counts from 1. */
export interface DotenvProblem {
  line: number;
  detail: string;
}

/** `line` is where the assignment begins. */
interface Read extends Assignment {
  line: number;
}

interface Quoted {
  value: string;
  /** Where the closing quote's line goes on. */
  end: number;
}

const assignment = /^[ \t]*(?:export[ \t]+)?([^=\s#][^=]*?)[ \t]*=[ \t]*/;

/**
 * Reads the text of a `.env` file as Node and dotenv do: comments, `export`, the three quotes, values over several
 * lines, `\n` inside double quotes. What those would skip in silence is a problem here, with its line. Of a name that
 * comes twice the last value counts.
 */
export function parseDotenv(raw: string): { assignments: Read[]; problems: DotenvProblem[] } {
  const text = raw.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const found = new Map<string, Read>();
  const problems: DotenvProblem[] = [];
  let at = 0;
  let line = 1;

  /** Goes on behind the end of the line that holds `position`. */
  function nextLineAfter(position: number): void {
    const stop = text.indexOf('\n', position);
    const end = stop === -1 ? text.length : stop + 1;
    for (let index = at; index < end; index += 1) if (text[index] === '\n') line += 1;
    at = end;
  }

  while (at < text.length) {
    const stop = text.indexOf('\n', at);
    const whole = text.slice(at, stop === -1 ? text.length : stop);
    if (/^[ \t]*(#|$)/.test(whole)) {
      nextLineAfter(at);
      continue;
    }
    const match = assignment.exec(whole);
    if (match === null) {
      problems.push({ line, detail: 'Write NAME=value.' });
      nextLineAfter(at);
      continue;
    }
    const [head, name = ''] = match;
    const start = at + head.length;
    const quote = /^["'`]/.exec(text.slice(start, start + 1))?.[0];
    const quoted = quote === undefined ? undefined : readQuoted(text, start, quote);
    if (quote !== undefined && quoted === undefined) {
      problems.push({ line, detail: `The value of ${name.slice(0, 60)} begins with ${quote} and never ends.` });
      nextLineAfter(at);
      continue;
    }
    const rest = quoted === undefined ? '' : text.slice(quoted.end, text.indexOf('\n', quoted.end) === -1 ? text.length : text.indexOf('\n', quoted.end));
    if (/^[ \t]*[^ \t#]/.test(rest)) problems.push({ line, detail: `After the closing quote of ${name.slice(0, 60)} only a comment may follow.` });
    else found.set(name, { name, value: quoted?.value ?? unquoted(whole.slice(head.length)), line });
    nextLineAfter(quoted?.end ?? at);
  }
  return { assignments: [...found.values()], problems };
}

function readQuoted(text: string, start: number, quote: string): Quoted | undefined {
  const end = text.indexOf(quote, start + 1);
  if (end === -1) return undefined;
  const inside = text.slice(start + 1, end);
  return { value: quote === '"' ? inside.replaceAll(String.raw`\n`, '\n') : inside, end: end + 1 };
}

/** Up to a comment; a `#` begins one wherever it stands, as Node reads it. */
function unquoted(text: string): string {
  return (text.split('#', 1)[0] ?? '').trim();
}

/** The text of a `.env` that Node and dotenv read back as it was; null for a value that no quotes can hold. */
export function dotenvLine({ name, value }: Assignment): string | null {
  if (/^[\w:/.@%+,-]+$/.test(value)) return `${name}=${value}`;
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark) && (mark !== '"' || !value.includes(String.raw`\n`)));
  return quote === undefined ? null : `${name}=${quote}${value}${quote}`;
}
