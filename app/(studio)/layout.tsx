import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { earlyKeysScript } from '@/app/_shell/early-keys';
import type { ShellOrganization } from '@/app/_shell/navigation';
import { Shell } from '@/app/_shell/shell';
import { rights } from '@/lib/identity/access/policy';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { pageContext, pageOrganizations } from '@/lib/http/page-context';

/** Everything here depends on who asks, so nothing is made ahead. */
export const dynamic = 'force-dynamic';

/** The studio of a signed-in person. `crumbs` is drawn beside the page, so that it knows the whole address. */
export default async function StudioLayout({ children, crumbs }: { children: ReactNode; crumbs: ReactNode }) {
  const [ctx, organizations, jar, asked] = await Promise.all([pageContext(), pageOrganizations(), cookies(), headers()]);
  const name = ctx.actor.kind === 'user' ? ctx.actor.name : '';
  return (
    <>
      {/* Browsers hide the nonce from scripts, so React must not compare it. */}
      <script nonce={asked.get('x-nonce') ?? undefined} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: earlyKeysScript }} />
      <Shell organizations={organizations.map(toShell)} user={{ name }} collapsed={jar.get('sidebar')?.value === 'icons'} crumbs={crumbs}>
        {children}
      </Shell>
    </>
  );
}

function toShell({ id, name, slug, rights: held }: OrganizationView): ShellOrganization {
  return { id, name, slug, missing: rights.filter((right) => !held[right]) };
}
