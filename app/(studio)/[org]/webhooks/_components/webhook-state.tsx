import { Badge } from '@/app/_ui/badge';
import type { WebhookView } from '@/lib/webhooks/schemas';

export function WebhookState({ of: webhook }: { of: WebhookView }) {
  if (webhook.disabled_reason === 'gone' || webhook.disabled_reason === 'failing') return <Badge tone="bad">Switched off by Studio</Badge>;
  if (!webhook.enabled) return <Badge>Off</Badge>;
  return webhook.failing_since === null ? <Badge tone="good">On</Badge> : <Badge tone="warn">Failing</Badge>;
}
