'use client';

import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { RelativeTime } from '@/app/_ui/relative-time';
import { TextLink } from '@/app/_ui/text-link';
import { paths } from '@/lib/paths';
import type { WebhookView } from '@/lib/webhooks/schemas';
import { nameOf, type WebhooksPlace } from './place';
import { WebhookMenu } from './webhook-menu';
import { WebhookState } from './webhook-state';

interface WebhookTableProps {
  place: WebhooksPlace;
  webhooks: readonly WebhookView[];
  onChanged: () => Promise<unknown>;
}

export function WebhookTable({ place, webhooks, onChanged }: WebhookTableProps) {
  return (
    <Table label="Webhooks">
      <HeadRow>
        <HeadCell>Endpoint</HeadCell>
        <HeadCell>State</HeadCell>
        <HeadCell className="hidden @2xl:table-cell">Events</HeadCell>
        <HeadCell className="hidden text-right @lg:table-cell">Created</HeadCell>
        <HeadCell>
          <span className="sr-only">Actions</span>
        </HeadCell>
      </HeadRow>
      <tbody>
        {webhooks.map((webhook) => (
          <tr key={webhook.id}>
            <td className="max-w-0 min-w-32 @lg:w-1/2">
              <TextLink href={`${paths.webhooks(place.slug)}/${webhook.id}`} className="block truncate">
                {nameOf(webhook)}
              </TextLink>
              <span className="block truncate font-mono text-sm text-muted">{webhook.url}</span>
            </td>
            <td className="whitespace-nowrap">
              <WebhookState of={webhook} />
            </td>
            <td className="hidden text-muted @2xl:table-cell">
              <span title={webhook.events.join('\n')}>{webhook.events.length === 1 ? webhook.events[0] : `${webhook.events.length} events`}</span>
            </td>
            <td className="hidden text-right whitespace-nowrap text-muted @lg:table-cell">
              <RelativeTime at={webhook.created_at} />
            </td>
            <td className="w-12 pl-0 text-right">
              <WebhookMenu of={webhook} place={place} onChanged={onChanged} onDeleted={() => void onChanged()} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
