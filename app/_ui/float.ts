/** Puts a floating element beside its anchor, inside the window, flipped when there is no room. */
export function placeBeside(floating: HTMLElement, anchor: Element, options: { align?: 'start' | 'center' | 'end'; side?: 'top' | 'bottom' } = {}): void {
  const { align = 'start', side = 'bottom' } = options;
  const gap = 6;
  const edge = 8;
  const from = anchor.getBoundingClientRect();
  const size = floating.getBoundingClientRect();
  const fitsBelow = from.bottom + gap + size.height <= window.innerHeight - edge;
  const fitsAbove = from.top - gap - size.height >= edge;
  const below = side === 'bottom' ? fitsBelow || !fitsAbove : !fitsAbove && fitsBelow;
  const top = below ? from.bottom + gap : from.top - gap - size.height;
  const left = align === 'start' ? from.left : align === 'end' ? from.right - size.width : from.left + (from.width - size.width) / 2;
  floating.style.top = `${Math.max(edge, Math.min(top, window.innerHeight - size.height - edge))}px`;
  floating.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - size.width - edge))}px`;
}
