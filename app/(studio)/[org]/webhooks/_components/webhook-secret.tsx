import { SecretDialog } from '@/app/(studio)/_components/secret-dialog';
import type { WebhookWithSecret } from '@/lib/webhooks/schemas';

export function WebhookSecret({ title, of: webhook, onClose }: { title: string; of: WebhookWithSecret; onClose: () => void }) {
  return (
    <SecretDialog
      title={title}
      secret={webhook.secret}
      variable="STUDIO_WEBHOOK_SECRET"
      fileName={`${webhook.id}.env`}
      kept="Studio keeps it encrypted to sign with it, and shows it to nobody."
      onClose={onClose}
    />
  );
}
