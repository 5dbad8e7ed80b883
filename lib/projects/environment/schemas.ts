import { z } from 'zod';
import { environmentNames } from '../env/schemas';

export const CreateEnvironment = z.strictObject({
  name: z.enum(['staging', 'preview'], { error: 'The name must be staging or preview; production is there from the start.' }),
});

export const EnvironmentView = z.object({
  name: z.enum(environmentNames),
  /** How many variables people have set. */
  variables: z.int(),
  created_at: z.string(),
});

export type EnvironmentView = z.infer<typeof EnvironmentView>;
