import { AppError } from '@/lib/kernel/errors';
import type { WebhookRow } from '../internal';

export function demandEnabled({ disabled_at: disabledAt }: Pick<WebhookRow, 'disabled_at'>): void {
  if (disabledAt !== null) throw new AppError('conflict', 'The webhook is switched off. Switch it on first.');
}
