import { z } from 'zod';
import { environmentName } from '@/lib/projects/env/schemas';

export const OfDrift = z.strictObject({ environment: environmentName.default('production') });

export const DriftView = z.object({
  /** Null where nothing is deployed, so that nothing can differ. */
  checked_at: z.string().nullable(),
  differences: z.array(
    z.object({
      name: z.string(),
      /** `missing`: Railway lacks it. `extra`: only Railway has it. */
      kind: z.enum(['changed', 'missing', 'extra']),
      secret: z.boolean(),
      /** True for those that follow the backend: Studio's side alone can be kept. */
      generated: z.boolean(),
      /** Values by what a person may see of them; null where that side has none. */
      studio: z.string().nullable(),
      railway: z.string().nullable(),
    }),
  ),
  version: z.int(),
});

export type DriftView = z.infer<typeof DriftView>;

export const ResolveDrift = z.strictObject({
  environment: environmentName.default('production'),
  /** `studio` sets Railway's variables again and deploys; `railway` takes Railway's values over. */
  keep: z.enum(['studio', 'railway'], { error: 'keep must be studio or railway.' }),
  version: z.int({ error: 'version must be a whole number.' }),
});
