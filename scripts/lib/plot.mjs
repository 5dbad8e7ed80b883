import { escaped } from './markup.mjs';

const WIDTH = 640;
const HEIGHT = 260;
const EDGE = { left: 72, right: 24, top: 28, bottom: 40 };
const MOST_TICKS = 7;
/** With more points than these, a mark on each would hide the line. */
const MOST_MARKS = 12;

/**
 * One curve as SVG: what was measured against how many there were, on a logarithmic axis, or against time, on a linear one, beside its limit.
 * @param {{ title: string, of: string, unit: string, axis?: 'logarithmic' | 'linear', points: { at: number, ours: number, limit?: number }[] }} curve
 */
export function plot({ title, of, unit, axis = 'logarithmic', points }) {
  if (points.length === 0) throw new Error(`the curve "${title}" has no points`);
  const along = axis === 'linear' ? (at) => at : Math.log10;
  const [first, last] = [along(points[0].at), along(points.at(-1).at)];
  const top = 1.15 * Math.max(...points.flatMap(({ ours, limit = 0 }) => [ours, limit])) || 1;
  const x = (at) => EDGE.left + ((along(at) - first) / (last - first || 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - (value / top) * (HEIGHT - EDGE.top - EDGE.bottom);
  const grid = [0, 0.5, 1].map((share) => share * top).map((value) => `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${place(y(value))}" y2="${place(y(value))}" stroke="currentColor" stroke-opacity=".15"/>${label(`${round(value)} ${unit}`, EDGE.left - 8, y(value) + 4, 'end')}`);
  const line = (key, colour) => {
    const places = points.filter((point) => point[key] !== undefined).map((point) => [place(x(point.at)), place(y(point[key]))]);
    if (places.length === 0) return '';
    const marks = places.length > MOST_MARKS ? '' : places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`).join('');
    return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${marks}`;
  };
  const [ours, limit] = ['var(--ours, #2f5fd0)', 'var(--limit, #71717a)'];
  const legend = [
    label('ours', EDGE.left, 16, 'start', ours),
    points.some((point) => point.limit !== undefined) ? label('limit', EDGE.left + 48, 16, 'start', limit) : '',
  ];
  const ticks = (axis === 'linear' ? evenTicks(first, last) : fewOf(points.map(({ at }) => at))).map((at) => label(at.toLocaleString('en-US'), x(at), HEIGHT - 18, 'middle'));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif">${grid.join('')}${line('limit', limit)}${line('ours', ours)}${ticks.join('')}${label(of, WIDTH - EDGE.right, HEIGHT - 4, 'end')}${legend.join('')}</svg>`;
}

function label(text, atX, atY, anchor, colour = 'currentColor') {
  return `<text x="${place(atX)}" y="${place(atY)}" text-anchor="${anchor}" font-size="12" fill="${colour}">${escaped(text)}</text>`;
}

/** Round numbers between two ends. */
function evenTicks(first, last) {
  const rough = (last - first) / (MOST_TICKS - 1) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const start = Math.ceil(first / step);
  return Array.from({ length: Math.floor(last / step + 1e-9) - start + 1 }, (_, index) => Number(((start + index) * step).toPrecision(12)));
}

function fewOf(values) {
  const every = Math.ceil(values.length / MOST_TICKS);
  return values.filter((_, index) => index % every === 0);
}

function round(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(2));
}

function place(value) {
  return value.toFixed(1);
}
