import 'server-only';
import { randomUUID } from 'node:crypto';
import { cookies, headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import { contextFor } from '@/lib/composition';
import type { Ctx } from '@/lib/context';
import { listOrganizations } from '@/lib/identity/organization/list-organizations';
import type { OrganizationView } from '@/lib/identity/organization/schemas';
import { paths } from '@/lib/paths';
import { clientIp } from './client-ip';
import { identify } from './identify';
import { visitHeader } from './page-visit';
import { cookieName } from './session-cookie';
import { studio } from './studio';

/** The context of the page being rendered; a guest's has the actor `anonymous`. Once for each request. */
export const visitorContext = cache(async (): Promise<Ctx> => {
  const composition = studio();
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const userAgent = head.get('user-agent');
  const visit = composition.visits.get(head.get(visitHeader) ?? '');
  if (visit !== undefined) return contextFor(composition, { ...visit, userAgent });
  // On a host that runs only Next nobody has asked yet.
  const requestId = randomUUID();
  const cookie = jar.get(cookieName(composition.env.STUDIO_URL))?.value;
  const ip = clientIp(head.get('x-forwarded-for') ?? undefined, undefined, composition.env.TRUSTED_PROXY_HOPS);
  const { actor } = await identify(composition, { cookie, bearer: undefined }, requestId, ip);
  return contextFor(composition, { actor, requestId, ip, userAgent });
});

/** The context of a signed-in person; everybody else is sent to sign in. */
export async function pageContext(): Promise<Ctx> {
  const ctx = await visitorContext();
  if (ctx.actor.kind !== 'user') redirect(signInFor((await headers()).get('x-asked-path')));
  return ctx;
}

/** Signing in leads back to the page that was asked for. */
function signInFor(asked: string | null): string {
  if (asked === null || !URL.canParse(asked, 'http://studio.invalid')) return paths.signIn;
  const { pathname, searchParams } = new URL(asked, 'http://studio.invalid');
  // Next's own parameter of requests for a part of a page.
  searchParams.delete('_rsc');
  const next = searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`;
  return next === paths.home ? paths.signIn : `${paths.signIn}?${new URLSearchParams({ next })}`;
}

/** The organizations of the signed-in person, read once for each page. */
export const pageOrganizations = cache(async (): Promise<OrganizationView[]> => listOrganizations(await pageContext()));

/** The organization that the address names (`/[org]`), or the page that says there is none. */
export async function pageOrganization(slug: string): Promise<OrganizationView> {
  const organizations = await pageOrganizations();
  return organizations.find((organization) => organization.slug === slug) ?? notFound();
}
