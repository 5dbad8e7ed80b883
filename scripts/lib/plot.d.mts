export interface Curve {
  title: string;
  /** What the axis counts. */
  of: string;
  unit: string;
  /** How the axis grows; by powers of ten when absent. */
  axis?: 'logarithmic' | 'linear';
  points: { at: number; ours: number; limit?: number }[];
}

export function plot(curve: Curve): string;
