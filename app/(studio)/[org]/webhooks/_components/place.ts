import { missingRight } from '@/app/_shell/navigation';
import type { WebhookView } from '@/lib/webhooks/schemas';

/** Where the webhooks of a page belong, and what the person may do there. */
export interface WebhooksPlace {
  organizationId: string;
  slug: string;
  mayManage: boolean;
}

/** Why this person cannot manage webhooks; undefined when they can. */
export function refusalIn({ mayManage }: WebhooksPlace): string | undefined {
  return mayManage ? undefined : missingRight('webhook:manage');
}

export function apiPathOf({ organizationId }: WebhooksPlace, webhook?: { id: string }): string {
  return `/organizations/${organizationId}/webhooks${webhook === undefined ? '' : `/${webhook.id}`}`;
}

/** How a person knows a webhook: by what they called it, or by its host. */
export function nameOf({ description, url }: Pick<WebhookView, 'description' | 'url'>): string {
  return description ?? new URL(url).host;
}
