/** A piece of a line in one look. */
export interface AnsiPart {
  text: string;
  /** Class names of the product's own colours; empty for plain text. */
  className: string;
}

interface Look {
  colour: string;
  bold: boolean;
  dim: boolean;
  underline: boolean;
}

const plain: Look = { colour: '', bold: false, dim: false, underline: false };

/** The eight colours of a terminal in the product's, which keep their contrast in light and dark. */
const colours = ['', 'text-bad', 'text-good', 'text-warn', 'text-info', 'text-accent-text', 'text-info', ''];

/** Sequences that move a cursor, set a title and the like: they mean nothing here. */
const others = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-9;?]*[ -/]*[@-ln-~]|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-Z\\^-~])/g;
const colouring = /\x1b\[([0-9;]*)m/g;
const unprintable = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** Splits a line by its colour codes; everything else that a terminal would obey is taken out. */
export function ansiParts(line: string): AnsiPart[] {
  const parts: AnsiPart[] = [];
  let look = plain;
  let from = 0;
  const text = overwritten(line).replace(others, '');
  const add = (piece: string) => {
    const shown = piece.replace(unprintable, '');
    if (shown !== '') parts.push({ text: shown, className: classOf(look) });
  };
  for (const found of text.matchAll(colouring)) {
    add(text.slice(from, found.index));
    look = lookAfter(look, found[1] ?? '');
    from = found.index + found[0].length;
  }
  add(text.slice(from));
  return parts;
}

/** The line as it reads, for copying. */
export function withoutAnsi(line: string): string {
  return ansiParts(line)
    .map(({ text }) => text)
    .join('');
}

/** A progress bar draws over itself: what was drawn last is what is read. */
function overwritten(line: string): string {
  return line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
}

function lookAfter(before: Look, codes: string): Look {
  let look = before;
  const numbers = codes.split(';').map(Number);
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0;
    // 38 and 48 take a colour out of a large palette; which one matters to nobody here.
    if (code === 38 || code === 48) at += numbers[at + 1] === 2 ? 4 : 2;
    else look = lookWith(look, code);
  }
  return look;
}

function lookWith(look: Look, code: number): Look {
  if (code === 0) return plain;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 4) return { ...look, underline: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 24) return { ...look, underline: false };
  if (code === 39) return { ...look, colour: '' };
  if (code === 90) return { ...look, colour: 'text-muted' };
  if ((code >= 30 && code <= 37) || (code >= 91 && code <= 97)) return { ...look, colour: colours[code % 10] ?? '' };
  return look;
}

function classOf({ colour, bold, dim, underline }: Look): string {
  return [dim && colour === '' ? 'text-muted' : colour, bold ? 'font-semibold' : '', underline ? 'underline' : ''].filter((name) => name !== '').join(' ');
}
