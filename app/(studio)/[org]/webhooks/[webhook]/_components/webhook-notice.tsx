import { Notice } from '@/app/_ui/badge';
import { Icon } from '@/app/_ui/icon';
import { RelativeTime } from '@/app/_ui/relative-time';
import type { WebhookView } from '@/lib/webhooks/schemas';

/** Says what is unusual about a webhook, and the way out. */
export function WebhookNotice({ of: webhook }: { of: WebhookView }) {
  if (webhook.disabled_reason === 'gone') {
    return (
      <Notice tone="bad" icon={<Icon name="circle-alert" />} title="Studio switched this webhook off">
        The endpoint answered 410: it is gone for good. Change the address, switch the webhook on again, and replay what it missed.
      </Notice>
    );
  }
  if (webhook.disabled_reason === 'failing') {
    return (
      <Notice tone="bad" icon={<Icon name="circle-alert" />} title="Studio switched this webhook off">
        Every call in five days failed. Mend the endpoint, switch the webhook on again, and replay what it missed.
      </Notice>
    );
  }
  if (!webhook.enabled) return <Notice title="This webhook is switched off">Events that happen now are not sent to it, also not later.</Notice>;
  if (webhook.failing_since !== null) {
    return (
      <Notice tone="warn" icon={<Icon name="triangle-alert" />} title="Calls are failing">
        None has succeeded since the first failure <RelativeTime at={webhook.failing_since} />. After five days Studio switches the webhook off and tells the owners.
      </Notice>
    );
  }
  if (webhook.previous_secret_until === null) return null;
  return (
    <Notice tone="info" icon={<Icon name="key-round" />} title="Two secrets sign">
      The former secret stops counting <RelativeTime at={webhook.previous_secret_until} />. Give the receiver the new one before.
    </Notice>
  );
}
