import { z } from 'zod';
import { pageQuery } from '@/lib/kernel/page';

export const deliveryStates = ['pending', 'delivered', 'failed', 'disabled'] as const;

export const ListDeliveries = z.strictObject({
  ...pageQuery,
  state: z.enum(deliveryStates, { error: `The state must be one of ${deliveryStates.join(', ')}.` }).optional(),
});

export const DeliveryView = z.object({
  /** Of the event; the receiver reads it as `webhook-id`. */
  id: z.string(),
  type: z.string(),
  /** What is sent, as JSON. */
  payload: z.object({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.unknown()) }),
  /** `disabled`: not sent, because the webhook was switched off before. */
  state: z.enum(deliveryStates),
  attempts: z.number(),
  next_attempt_at: z.iso.datetime().nullable(),
  last_attempt_at: z.iso.datetime().nullable(),
  last_status: z.number().nullable(),
  last_error: z.string().nullable(),
  last_duration_ms: z.number().nullable(),
  delivered_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});

export type DeliveryView = z.infer<typeof DeliveryView>;
