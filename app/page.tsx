import { redirect } from 'next/navigation';
import { pageOrganizations } from '@/lib/http/page-context';
import { paths } from '@/lib/paths';

/** Always asks who is there, so it is never made ahead. */
export const dynamic = 'force-dynamic';

/** The start leads to the first organization, or to making one. */
export default async function Home() {
  const [first] = await pageOrganizations();
  redirect(first === undefined ? paths.newOrganization : paths.organization(first.slug));
}
