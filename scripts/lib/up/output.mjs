const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };
const terminal = process.stdout.isTTY === true;
const colour = terminal && !process.env.NO_COLOR;

/** What is being done right now, shown as one line that is replaced. */
const active = new Set();

function paint(style, text) {
  return colour ? `\u001B[${STYLES[style]}m${text}\u001B[0m` : text;
}

function print(line) {
  if (terminal) process.stdout.write('\r\u001B[2K');
  console.log(line);
  showActive();
}

function showActive() {
  if (!terminal) return;
  process.stdout.write('\r\u001B[2K');
  if (active.size > 0) process.stdout.write(paint('dim', `  … ${[...active].join(', ')}`));
}

/** Does a piece of work under a title; prints how long it took. */
export async function step(title, work) {
  const started = performance.now();
  active.add(title);
  showActive();
  try {
    const result = await work();
    active.delete(title);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    print(`  ${paint('green', '✓')} ${title} ${paint('dim', `${seconds} s`)}`);
    return result;
  } catch (error) {
    active.delete(title);
    print(`  ${paint('red', '✗')} ${title}`);
    throw error;
  }
}

export function note(text) {
  print(`  ${paint('dim', '·')} ${text}`);
}

export function warn(text) {
  print(`  ${paint('yellow', '!')} ${text}`);
}

export function line(text) {
  print(text);
}

export function fail(text) {
  active.clear();
  showActive();
  console.error(`\n${paint('red', 'Studio did not start.')} ${text}\n`);
}

/** Rows of a name and a value, aligned; in one write, so that who waits for the title has the rows too. */
export function panel(title, rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${value}`);
  console.log(['', paint('bold', title), '', ...lines, ''].join('\n'));
}
