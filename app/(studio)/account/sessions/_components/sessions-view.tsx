'use client';

import { useState } from 'react';
import { BulkBar, ConfirmDialog } from '@/app/(studio)/_components/dialogs';
import { useAct } from '@/app/_forms/use-act';
import { usePages } from '@/app/_live/use-pages';
import { Badge } from '@/app/_ui/badge';
import { Button } from '@/app/_ui/button';
import { PageHeader } from '@/app/_ui/card';
import { Icon } from '@/app/_ui/icon';
import { notify } from '@/app/_ui/notify';
import { RelativeTime } from '@/app/_ui/relative-time';
import { SelectBox, useSelection } from '@/app/_ui/selection';
import { apiDelete, apiPost } from '@/lib/http/client';
import type { SessionView } from '@/lib/identity/session/list-sessions';
import type { Page } from '@/lib/kernel/page';
import { deviceName } from './device-name';

export function SessionsView({ first }: { first: Page<SessionView> }) {
  const sessions = usePages<SessionView>({ path: '/users/sessions', first });
  const [asking, setAsking] = useState(false);
  const selection = useSelection(sessions.rows.filter(({ current }) => !current).map(({ id }) => id));
  const { busy, act } = useAct();
  const revoke = (id: string) =>
    act(async () => {
      await apiDelete(`/users/sessions/${id}`);
      await sessions.reload();
      notify('success', { title: 'Session ended' });
    });
  return (
    <>
      <PageHeader
        title="Sessions"
        description="Where you are signed in. End what you do not recognize, then change your password."
        actions={sessions.rows.length > 1 && <Button onClick={() => setAsking(true)}>End all others</Button>}
      />
      <ul className="divide-y divide-line rounded-card border border-line bg-surface">
        {sessions.rows.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            {session.current ? (
              <Icon name="monitor-smartphone" className="text-muted" />
            ) : (
              <SelectBox label={`Select ${nameOf(session)}`} checked={selection.has(session.id)} onChange={() => selection.toggle(session.id)} />
            )}
            <div className="min-w-0 flex-1 basis-48">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                <span title={session.user_agent ?? undefined}>{deviceName(session.user_agent)}</span>
                {session.current && <Badge tone="good">This session</Badge>}
              </p>
              <p className="text-sm break-words text-muted">
                {session.ip ?? 'Address unknown'} · last seen <RelativeTime at={session.last_seen_at} /> · began <RelativeTime at={session.created_at} />
              </p>
            </div>
            {!session.current && (
              <Button size="small" busy={busy} aria-label={`End session on ${deviceName(session.user_agent)}`} onClick={() => revoke(session.id)}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {selection.begun && (
        <BulkBar
          selection={selection}
          verb="End"
          noun={['session', 'sessions']}
          nameOf={(id) => nameOf(sessions.rows.find((each) => each.id === id))}
          act={(id) => apiDelete(`/users/sessions/${id}`)}
          onChanged={sessions.reload}
        >
          Whoever is signed in there has to sign in again. Unsaved work there is lost.
        </BulkBar>
      )}
      {asking && (
        <ConfirmDialog
          title="End all other sessions"
          action="End sessions"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await apiPost('/users/sessions/revoke-others');
            await sessions.reload();
          }}
        >
          <p>Every other browser and device has to sign in again. Unsaved work there is lost. This session stays.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function nameOf(session: SessionView | undefined): string {
  return session === undefined ? 'Session' : `${deviceName(session.user_agent)}, ${session.ip ?? 'address unknown'}`;
}
