/** One line of the table: a limit and what we do, measured side by side. */
export interface Finding {
  what: string;
  /** The floor or budget, with its figure. */
  limit: string;
  ours: string;
  /** The ratio or value that is judged. */
  reached: string;
  target: string;
  pass: boolean;
  /** Ids of the requirements that it proves, R18 for example. */
  requirements?: string[];
  /** What the line says in one figure, point by point. */
  curve?: Curve;
}

/** What was measured against how many there were, or against time, beside its limit. */
export interface Curve {
  title: string;
  /** What the axis counts. */
  of: string;
  unit: string;
  /** How the axis grows; by powers of ten when absent. */
  axis?: 'logarithmic' | 'linear';
  points: { at: number; ours: number; limit?: number }[];
}

export function markdown(findings: readonly Finding[]): string {
  const head = ['what', 'limit', 'ours', 'reached', 'target', ''];
  const lines = findings.map(({ what, limit, ours, reached, target, pass }) => [what, limit, ours, reached, target, pass ? 'pass' : '**missed**']);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function rate(perSecond: number): string {
  return `${perSecond >= 1000 ? Math.round(perSecond).toLocaleString('en-US') : perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function times(factor: number): string {
  return `${factor.toFixed(2)} ×`;
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}
