'use client';

import { useState } from 'react';
import { useAct } from '@/app/_forms/use-act';
import type { Pages } from '@/app/_live/use-pages';
import { AllowedButton } from '@/app/_ui/allowed';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { MoreRows } from '@/app/_ui/more-rows';
import { notify } from '@/app/_ui/notify';
import { onDemand } from '@/app/_ui/on-demand';
import { RelativeTime } from '@/app/_ui/relative-time';
import { HeadCell, HeadRow, Table } from '@/app/_ui/table';
import { apiPost } from '@/lib/http/client';
import type { DeliveryView } from '@/lib/webhooks/delivery/schemas';
import { DeliveryState } from './delivery-state';

const DeliveryDialog = onDemand(async () => (await import('./delivery-dialog')).DeliveryDialog);

interface DeliveryTableProps {
  /** Of the webhook in the API. */
  path: string;
  pages: Pages<DeliveryView>;
  /** Why nothing can be sent now. */
  refusal: string | undefined;
}

export function DeliveryTable({ path, pages, refusal }: DeliveryTableProps) {
  const [open, setOpen] = useState<DeliveryView | null>(null);
  const { act } = useAct();
  const replay = ({ id }: DeliveryView) =>
    act(async () => {
      await apiPost<DeliveryView>(`${path}/deliveries/${id}/replay`);
      await pages.reload();
      notify('success', { title: 'Event on its way again' });
    });
  if (pages.rows.length === 0) {
    return (
      <EmptyState icon={<Icon name="send" className="size-5" />} title="Nothing sent yet">
        Send a test, or wait for the first event.
      </EmptyState>
    );
  }
  return (
    <>
      <Table label="Deliveries">
        <HeadRow>
          <HeadCell>Event</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell className="hidden @2xl:table-cell">Answer</HeadCell>
          <HeadCell className="hidden text-right @lg:table-cell">Happened</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </HeadRow>
        <tbody>
          {pages.rows.map((delivery) => (
            <tr key={delivery.id}>
              <td className="max-w-0 min-w-32 @lg:w-1/3">
                <button type="button" onClick={() => setOpen(delivery)} className="max-w-full truncate rounded-control font-mono text-sm underline decoration-line underline-offset-4 hover:decoration-current">
                  {delivery.type}
                </button>
              </td>
              <td className="whitespace-nowrap">
                <DeliveryState of={delivery} />
              </td>
              <td className="hidden max-w-0 min-w-40 truncate text-muted @2xl:table-cell">{delivery.last_status ?? (delivery.last_error === null ? 'None yet' : 'None')}</td>
              <td className="hidden text-right whitespace-nowrap text-muted @lg:table-cell">
                <RelativeTime at={delivery.created_at} />
              </td>
              <td className="w-12 pl-0 text-right">
                <AllowedButton reason={refusal} kind="quiet" size="small" icon={<Icon name="rotate-cw" />} onClick={() => replay(delivery)}>
                  <span className="@max-lg:sr-only">Replay</span>
                  <span className="sr-only"> {delivery.id}</span>
                </AllowedButton>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      <MoreRows more={pages.more} busy={pages.loading} onMore={pages.loadMore} />
      {open !== null && <DeliveryDialog delivery={pages.rows.find(({ id }) => id === open.id) ?? open} onClose={() => setOpen(null)} />}
    </>
  );
}
