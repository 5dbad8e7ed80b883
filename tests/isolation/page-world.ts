import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { rightsOf, type Right, type Role } from '@/lib/identity/access/policy';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectView } from '@/lib/projects/schemas';
import { linkIn } from '../support/mailbox';
import type { RunningStudio } from '../support/studio';
import { signUp, tokenOf, Visitor } from '../support/visitor';
import { waitFor } from '../support/wait-for';
import { deployExample } from '../e2e/railway';

/** An organization with a word of its own in every noun, and the people who come to its pages. */
export interface PageWorld {
  /** A value for each parameter of a page's address. */
  parameters: Record<string, string>;
  /** What can be seen, and by whom: the right that shows it. */
  planted: { text: string; right: Right }[];
  people: { name: string; visitor: Visitor; role: Role | null }[];
}

const WithId = z.object({ id: z.string() });
const Members = z.object({ data: z.array(z.object({ id: z.string(), user: z.object({ email: z.string() }) })) });

export async function makePageWorld(studio: RunningStudio): Promise<PageWorld> {
  const word = (noun: string) => `${noun}-${randomBytes(6).toString('hex')}`;
  const planted: PageWorld['planted'] = [];
  const plant = (noun: string, right: Right): string => {
    const text = word(noun);
    planted.push({ text, right });
    return text;
  };
  const owner = await signUp(studio, plant('owner', 'member:read'));
  const post = (path: string, body?: unknown) => owner.post(WithId, `/api/v1${path}`, body);
  const organization = await owner.post(OrganizationView, '/api/v1/organizations', { name: plant('organization', 'organization:read'), slug: word('place') });
  const ofOrganization = `/organizations/${organization.id}`;
  const { id: project } = await owner.post(CreatedProject, '/api/v1/projects', { organization_id: organization.id, name: plant('project', 'project:read'), hostname: `${plant('host', 'project:read')}.example.com` });
  await waitFor(async () => (await owner.get(ProjectView, `/api/v1/projects/${project}`)).status === 'ready', { what: 'the project to be ready', withinMs: 40_000, everyMs: 100 });
  await post(`/projects/${project}/keys`, { name: plant('key', 'key:read') });
  await owner.ask('POST', `/api/v1/projects/${project}/env/variables`, { body: { variables: [{ name: plant('VARIABLE', 'env:read').replaceAll('-', '_'), value: plant('value', 'env:read'), secret: false }] } });
  await owner.ask('POST', `/api/v1/projects/${project}/platforms`, { body: { hostname: `${plant('platform', 'project:read')}.example.com` } });
  await owner.ask('PUT', `/api/v1${ofOrganization}/railway`, { body: { local: true } });
  const deployment = await deployExample(owner, project);
  await post(`${ofOrganization}/api-keys`, { name: plant('pipeline', 'api_key:read'), scopes: ['project:read'] });
  const webhook = await post(`${ofOrganization}/webhooks`, { url: `https://hooks.example.com/${plant('hook', 'webhook:read')}`, description: plant('chat', 'webhook:read'), events: ['project.created'] });
  await owner.ask('POST', `/api/v1${ofOrganization}/webhooks/${webhook.id}/test`);
  await post(`${ofOrganization}/invitations`, { email: `${plant('invited', 'member:read')}@example.com`, role: 'viewer' });
  const proof = await post(`${ofOrganization}/isolation-proofs`);
  // A variable's name takes no hyphen.
  for (const each of planted) if (each.text.startsWith('VARIABLE-')) each.text = each.text.replaceAll('-', '_');

  const join = async (role: Role): Promise<Visitor> => {
    const visitor = await signUp(studio, role);
    await post(`${ofOrganization}/invitations`, { email: visitor.email, role });
    const letter = await studio.mailbox.waitForMessage(visitor.email, /invites you/);
    const accepted = await visitor.ask('POST', '/api/v1/invitations/accept', { body: { token: tokenOf(linkIn(letter)) } });
    if (accepted.status !== 200) throw new Error(`the invitation was not accepted: ${accepted.text}`);
    return visitor;
  };
  const people: PageWorld['people'] = [{ name: 'owner', visitor: owner, role: 'owner' }];
  for (const role of ['admin', 'developer', 'viewer', 'billing'] as const) people.push({ name: role, visitor: await join(role), role });
  const removed = await join('admin');
  const { data: members } = await owner.get(Members, `/api/v1${ofOrganization}/members?limit=100`);
  await owner.ask('DELETE', `/api/v1${ofOrganization}/members/${members.find(({ user }) => user.email === removed.email)?.id ?? ''}`);
  const stranger = await signUp(studio, 'Stranger');
  await stranger.post(OrganizationView, '/api/v1/organizations', { name: 'Another organization' });
  const signedOut = await signUp(studio, 'Former');
  const { cookie } = signedOut;
  await signedOut.ask('POST', '/api/v1/auth/logout');
  signedOut.cookie = cookie;
  people.push(
    { name: 'nobody', visitor: new Visitor(studio.url), role: null },
    { name: 'a session that was ended', visitor: signedOut, role: null },
    { name: 'owner of another organization', visitor: stranger, role: null },
    { name: 'removed member', visitor: removed, role: null },
  );
  return {
    parameters: { org: organization.slug, project, deployment: deployment.id, webhook: webhook.id, proof: proof.id, rest: 'no/such/page', path: `${organization.slug}/projects/${project}` },
    planted,
    people,
  };
}

/** What somebody must not see. */
export function hiddenFrom({ planted }: PageWorld, role: Role | null): string[] {
  return planted.filter(({ right }) => role === null || !rightsOf[role].has(right)).map(({ text }) => text);
}

