import { z } from 'zod';

export const logKinds = ['build', 'runtime'] as const;
export type LogKind = (typeof logKinds)[number];

export const ReadLogs = z.strictObject({
  kind: z.enum(logKinds, { error: 'kind must be build or runtime.' }).default('runtime'),
  /** Only lines that hold this text, in whatever case. */
  search: z.string().max(200, { error: 'The search is longer than 200 characters.' }).optional(),
  limit: z.coerce.number({ error: 'limit must be a number.' }).int().min(1).max(5_000, { error: 'limit must be at most 5000.' }).default(1_000),
});

export const FollowLogs = z.strictObject({
  kind: ReadLogs.shape.kind,
  /** The time of the last line that was seen. */
  since: z.string().max(40).regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, { error: 'The cursor is not one of ours.' }).optional(),
});

export const LogLine = z.object({
  /** As Railway writes it, with up to nine decimals of a second. */
  at: z.string(),
  severity: z.string().nullable(),
  message: z.string(),
});

export type LogLine = z.infer<typeof LogLine>;

export const LogsView = z.object({
  /** The oldest first. */
  lines: z.array(LogLine),
  /** True when there are older lines than these. */
  cut: z.boolean(),
  /** True for a copy that Studio keeps, when Railway has them no more or cannot be reached. */
  kept: z.boolean(),
});

export type LogsView = z.infer<typeof LogsView>;
