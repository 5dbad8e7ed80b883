import { Badge, type Tone } from '@/app/_ui/badge';
import type { DeliveryView } from '@/lib/webhooks/delivery/schemas';

const states: Record<DeliveryView['state'], { tone: Tone; word: string }> = {
  pending: { tone: 'info', word: 'On its way' },
  delivered: { tone: 'good', word: 'Delivered' },
  failed: { tone: 'bad', word: 'Failed' },
  disabled: { tone: 'neutral', word: 'Not sent' },
};

export function DeliveryState({ of: delivery }: { of: DeliveryView }) {
  if (delivery.state === 'pending' && delivery.attempts > 0) return <Badge tone="warn">Retrying</Badge>;
  const { tone, word } = states[delivery.state];
  return <Badge tone={tone}>{word}</Badge>;
}
