import { z } from 'zod';
import { pageQuery } from '@/lib/kernel/page';
import { isOrdinary } from '@/lib/kernel/text';
import { isActionFilter } from './actions';

const name = (what: string) => z.string({ error: `${what} must be text.` }).min(1, { error: `${what} must not be empty.` }).max(100, { error: `${what} must not be longer than 100 characters.` });

const moment = (what: string) =>
  z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: `${what} must be a time like 2030-01-31T12:00:00Z or a day like 2030-01-31.` })
    .refine(isOrdinary, { error: `${what} must lie in the years 1 to 9999, with an offset below 16 hours.` });

/** A filter that is not given lets everything through; those that are given must all hold. */
const filters = {
  /** The id of a person (`usr_…`) or key (`key_…`), or the name of one of Studio's own jobs. */
  actor: name('The actor').optional(),
  /** `project.created`, or `project` for everything about projects. */
  action: name('The action').refine(isActionFilter, { error: 'There is no such action. Write it as project.created, or a noun like project for everything about it.' }).optional(),
  /** The id of what was acted on. */
  target: name('The target').optional(),
  outcome: z.enum(['allowed', 'denied'], { error: 'The outcome must be allowed or denied.' }).optional(),
  /** Inclusive. */
  from: moment('The start').optional(),
  /** Exclusive; a day stands for its first moment, UTC. */
  to: moment('The end').optional(),
};

export const AuditFilters = z.strictObject(filters);
export type AuditFilters = z.infer<typeof AuditFilters>;

export const ListAudit = z.strictObject({ ...filters, ...pageQuery });

export const ExportAudit = z.strictObject({
  ...filters,
  format: z.enum(['csv', 'ndjson'], { error: 'The format must be csv or ndjson.' }).default('csv'),
});

const party = z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() });

export const AuditEntryView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: party,
  action: z.string(),
  target: party,
  outcome: z.enum(['allowed', 'denied']),
  reason: z.string().nullable(),
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  request_id: z.string(),
  changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })).nullable(),
});

export type AuditEntryView = z.infer<typeof AuditEntryView>;
