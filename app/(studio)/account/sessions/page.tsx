import type { Metadata } from 'next';
import { pageContext } from '@/lib/http/page-context';
import { listSessions } from '@/lib/identity/session/list-sessions';
import { SessionsView } from './_components/sessions-view';

export const metadata: Metadata = { title: 'Sessions' };

export default async function SessionsPage() {
  return <SessionsView first={{ data: await listSessions(await pageContext()), next_cursor: null }} />;
}
