import { cookies } from 'next/headers';
import { notFound } from 'next/navigation';
import { openReads } from '@/bench/floors/reads';
import { ProjectRows } from '../project-rows';

const reads = openReads({ databaseUrl: process.env['DATABASE_URL'] ?? '', redisUrl: process.env['REDIS_URL'] ?? '' });

/** The same session, organizations and projects as the page of the product, shown and nothing more. */
export default async function Page({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const [cookie] = (await cookies()).getAll();
  const session = await reads.session(`${cookie?.name}=${cookie?.value}`);
  const organization = (await reads.organizations(session)).find(({ slug }) => slug === org) ?? notFound();
  const page = JSON.parse(await reads.projects(organization.id, session));
  return <ProjectRows slug={org} projects={page.data} />;
}
