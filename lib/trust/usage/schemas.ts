import { z } from 'zod';

/** What a plan counts. */
export const counted = ['members', 'projects', 'deployments'] as const;
export type Counted = (typeof counted)[number];

/** The most of each; null stands for no limit. */
export const PlanLimits = z.object({
  members: z.int().min(0).nullable(),
  projects: z.int().min(0).nullable(),
  deployments: z.int().min(0).nullable(),
});

export type PlanLimits = z.infer<typeof PlanLimits>;

export const UsageView = z.object({
  plan: z.object({ key: z.string(), name: z.string() }),
  items: z.array(z.object({ key: z.enum(counted), used: z.int(), limit: z.int().nullable() })),
});

export type UsageView = z.infer<typeof UsageView>;
