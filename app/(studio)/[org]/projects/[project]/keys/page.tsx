import type { Metadata } from 'next';
import { orRefuse, pageProject } from '@/app/(studio)/_read';
import { pageContext } from '@/lib/http/page-context';
import { listKeys } from '@/lib/projects/key/list-keys';
import { NotReady } from '../_components/not-ready';
import { KeysView } from './_components/keys-view';

export const metadata: Metadata = { title: 'Keys' };

export default async function KeysPage({ params }: { params: Promise<{ project: string }> }) {
  const project = await orRefuse(pageProject((await params).project));
  if (project.status !== 'ready') return <NotReady title="Keys" what="Its keys" status={project.status} />;
  const { data } = await orRefuse(listKeys(await pageContext(), project.id));
  return <KeysView projectId={project.id} mayManage={project.rights['key:manage']} first={{ data, next_cursor: null }} />;
}
