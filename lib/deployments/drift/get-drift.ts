import type { Ctx } from '@/lib/context';
import { parseInput } from '@/lib/kernel/parse';
import { compareVariables } from './compare';
import { DriftView, OfDrift } from './schemas';
import { bothSides } from './variables-at-railway';

/** What somebody changed at Railway beside Studio, or here since the last deployment. */
export async function getDrift(ctx: Ctx, project: string, raw: unknown = {}): Promise<DriftView> {
  const { environment } = parseInput(OfDrift, raw);
  const { manifest, theirs } = await bothSides(ctx, project, environment, 'env:read');
  return DriftView.parse({
    checked_at: theirs === null ? null : ctx.clock.now().toISOString(),
    differences: theirs === null ? [] : compareVariables(manifest.variables, theirs),
    version: manifest.version,
  });
}
