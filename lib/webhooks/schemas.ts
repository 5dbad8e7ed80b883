import { z } from 'zod';
import { pageQuery } from '@/lib/kernel/page';
import { line } from '@/lib/kernel/text';
import { eventTypes } from './events';

const url = z.string({ error: 'The address must be text.' }).trim().min(1, { error: 'Type the address that Studio should call.' }).max(2000, { error: 'The address must not be longer than 2000 characters.' });

const description = line('The description', { least: 0, most: 120 }).nullable();

const events = z
  .array(z.enum(eventTypes, { error: `An event must be one of ${eventTypes.join(', ')}.` }), { error: 'The events must be a list.' })
  .min(1, { error: 'Choose at least one event.' })
  .max(eventTypes.length, { error: 'The same event is named more than once.' })
  .refine((list) => new Set(list).size === list.length, { error: 'The same event is named more than once.' });

export const CreateWebhook = z.strictObject({ url, description: description.optional(), events });

/** What is not named stays. Enabling begins a new count of failures. */
export const UpdateWebhook = z.strictObject({
  url: url.optional(),
  description: description.optional(),
  events: events.optional(),
  enabled: z.boolean({ error: 'enabled must be true or false.' }).optional(),
});

export const ListWebhooks = z.strictObject(pageQuery);

export const disabledReasons = ['switched_off', 'failing', 'gone'] as const;

export const WebhookView = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.enum(eventTypes)),
  enabled: z.boolean(),
  disabled_at: z.iso.datetime().nullable(),
  /** By a person, after five days of nothing but failures, or because the endpoint answered 410. */
  disabled_reason: z.enum(disabledReasons).nullable(),
  /** Since when every attempt failed; null when the latest one did not. */
  failing_since: z.iso.datetime().nullable(),
  /** Until then calls carry a second signature, made with the secret before. */
  previous_secret_until: z.iso.datetime().nullable(),
  created_by: z.object({ id: z.string(), name: z.string() }).nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export type WebhookView = z.infer<typeof WebhookView>;

/** The one answer that holds the signing secret. It cannot be read again. */
export const WebhookWithSecret = WebhookView.extend({ secret: z.string() });

export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>;
