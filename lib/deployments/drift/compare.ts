import type { ManifestVariable } from '@/lib/projects/env/render-manifest';
import type { DriftView } from './schemas';

export type Difference = DriftView['differences'][number];

/** What Railway adds to every service by itself. */
export function isRailways(name: string): boolean {
  return name.startsWith('RAILWAY_');
}

const hidden = 'set, and shown to nobody';

/** How Railway's variables differ from Studio's, by name. What only Railway has may be a secret, so its value is not shown. */
export function compareVariables(ours: readonly ManifestVariable[], theirs: Readonly<Record<string, string>>): Difference[] {
  const known = new Map(ours.map((variable) => [variable.name, variable]));
  const differences: Difference[] = [];
  for (const { name, value, secret, source } of ours) {
    const held = theirs[name];
    if (held === value) continue;
    const show = (text: string) => (secret ? hidden : text);
    differences.push({ name, kind: held === undefined ? 'missing' : 'changed', secret, generated: source === 'generated', studio: show(value), railway: held === undefined ? null : show(held) });
  }
  for (const name of Object.keys(theirs)) {
    if (!known.has(name) && !isRailways(name)) differences.push({ name, kind: 'extra', secret: true, generated: false, studio: null, railway: hidden });
  }
  return differences.sort((a, b) => (a.name < b.name ? -1 : 1));
}
