import { z } from 'zod';

/** Where Railway calls. The address holds a secret, so it comes with this answer only. */
export const NewHook = z.object({ url: z.string(), created_at: z.string() });

export type NewHook = z.infer<typeof NewHook>;

export const HookAnswer = z.object({
  /** Null while no address is heard. */
  hook: z
    .object({
      /** Null for an address that was made before Studio kept the time. */
      created_at: z.string().nullable(),
    })
    .nullable(),
});

export type HookAnswer = z.infer<typeof HookAnswer>;
