import type { Ctx } from '@/lib/context';
import { parseInput } from '@/lib/kernel/parse';
import { isRailways } from './drift/compare';
import { bothSides } from './drift/variables-at-railway';
import { DeploymentPreview, PreviewDeployment } from './schemas';
import { toServiceView } from './service/stored-service';

/** What a deployment would do to the variables at Railway, before anything is done. */
export async function previewDeployment(ctx: Ctx, project: string, raw: unknown = {}): Promise<DeploymentPreview> {
  const { environment } = parseInput(PreviewDeployment, raw);
  const { manifest, service, theirs } = await bothSides(ctx, project, environment, 'env:read');
  const held = theirs ?? {};
  const known = new Set(manifest.variables.map(({ name }) => name));
  const removed = Object.keys(held).filter((name) => !known.has(name) && !isRailways(name));
  return DeploymentPreview.parse({
    service: service === null ? null : toServiceView(service, ctx.railway.exampleRepository),
    version: manifest.version,
    variables: [
      ...manifest.variables.map(({ name, value, secret, source }) => ({
        name, secret, source, value: secret ? null : value, change: held[name] === undefined ? 'added' : held[name] === value ? 'unchanged' : 'changed',
      })),
      ...removed.map((name) => ({ name, secret: true, source: 'user', value: null, change: 'removed' })),
    ],
  });
}
