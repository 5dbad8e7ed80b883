import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { apiKeyScopes, type Role } from '@/lib/identity/access/policy';
import { invite } from '@/lib/identity/invitation/invite';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import { hashToken, newPublicId, newToken, newUuid } from '@/lib/kernel/ids';
import { createProject } from '@/lib/projects/create-project';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { createKey } from '@/lib/projects/key/create-key';
import { addPlatform } from '@/lib/projects/platform/add-platform';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { sendTest } from '@/lib/webhooks/delivery/send-test';
import type { Person, TestStudio } from '../support/context';
import { testDeployments, type TestDeployments } from '../deployments/support/studio';
import { frontOf, type Front, type FrontOptions } from './front';

/** An organization with one of everything that an address can name, by the name of the path's parameter. */
export interface Side {
  ids: Record<string, string>;
  rowId: string;
  owner: Person;
  /** Of the whole organization, with every scope. */
  apiKey: string;
}

export interface AttackWorld {
  studio: TestDeployments;
  acme: Side;
  other: Side;
  people: Record<Role, Person>;
  /** Of another project of acme than the one that `acme.ids` names. */
  otherProjectKey: string;
  /** The API as this world's studio serves it. */
  front(options?: FrontOptions): Front;
  /** A session of its own for somebody, so that ending one leaves the others. */
  session(person: Pick<Person, 'id'>): Promise<OpenSession>;
  /** A new API key of acme with every scope. */
  newApiKey(): Promise<string>;
  close(): Promise<void>;
}

/** Two organizations: acme with everything in it, and the other one with the same kinds of things. */
export async function attackWorld(): Promise<AttackWorld> {
  const studio = await testDeployments();
  const acme = await fill(studio, studio.owner, studio.organization);
  const project = await studio.newProject();
  Object.assign(acme.ids, await fillProject(studio, project));
  const second = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: 'Second' });
  const otherProjectKey = await createApiKey(studio.owner.ctx, studio.organization.id, { name: 'Second', scopes: apiKeyScopes.filter((scope) => scope !== 'project:create'), project_id: second.id });

  const stranger = await studio.person();
  const foreign = await createOrganization(stranger.ctx, { name: 'Other' });
  const [row] = await studio.raw<{ id: string }>('select id from organizations where public_id = $1', [foreign.id]);
  const other = await fill(studio, stranger, { id: foreign.id, rowId: row?.id ?? '' });
  other.ids['project'] = (await createProject(stranger.ctx, { organization_id: foreign.id, name: 'Theirs' })).id;

  async function member(role: Role): Promise<Person> {
    const person = await studio.person();
    await studio.join(studio.organization, person, role);
    return person;
  }
  const people = { owner: studio.owner, admin: await member('admin'), developer: await member('developer'), viewer: await member('viewer'), billing: await member('billing') };
  return {
    studio,
    acme,
    other,
    people,
    otherProjectKey: otherProjectKey.secret,
    front: (options) => frontOf({ ...studio, organization: studio.newOrganization }, { ...options, changes: { appwrite: studio.ports.appwrite, railway: studio.ports.railway, ...options?.changes } }),
    session: (person) => openSession(studio, person),
    async newApiKey() {
      const { rowId } = await openSession(studio, studio.owner);
      const ctx = studio.ctx({ kind: 'user', userId: studio.owner.id, sessionId: rowId, name: studio.owner.name });
      return (await createApiKey(ctx, studio.organization.id, { name: 'New', scopes: apiKeyScopes })).secret;
    },
    close: () => studio.close(),
  };
}

async function fill(studio: TestDeployments, owner: Person, organization: { id: string; rowId: string }): Promise<Side> {
  const member = await studio.join(organization, await studio.person(), 'viewer');
  const invitation = await invite(owner.ctx, organization.id, { email: `${newUuid()}@example.com`, role: 'viewer' });
  const key = await createApiKey(owner.ctx, organization.id, { name: 'All', scopes: apiKeyScopes });
  const webhook = await createWebhook(owner.ctx, organization.id, { url: 'https://hooks.example.com/x', events: ['project.created'] });
  const event = await sendTest(owner.ctx, organization.id, webhook.id);
  const session = await openSession(studio, owner);
  const ids = { organization: organization.id, member: member.publicId, invitation: invitation.id, api_key: key.id, webhook: webhook.id, event: event.id, session: session.publicId, environment: 'staging' };
  return { ids, rowId: organization.rowId, owner, apiKey: key.secret };
}

async function fillProject(studio: TestDeployments, project: string): Promise<Record<string, string>> {
  const { ctx } = studio.owner;
  await createEnvironment(ctx, project, { name: 'staging' });
  await studio.drain();
  await changeVariables(ctx, project, { variables: [{ name: 'PLAIN', value: 'x', secret: false }] });
  const key = await createKey(ctx, project, { name: 'Attacked' });
  const platform = await addPlatform(ctx, project, { hostname: 'attacked.example.com' });
  const deployment = await createDeployment(ctx, project, { source: { kind: 'repository', repository: 'acme/shop' } });
  await studio.ended(project, deployment.id);
  return { project, key: key.id, platform: platform.id, deployment: deployment.id };
}

export interface OpenSession {
  token: string;
  publicId: string;
  rowId: string;
}

/** A session row as a sign-in makes it. */
export async function openSession(studio: Pick<TestStudio, 'raw'>, person: Pick<Person, 'id'>): Promise<OpenSession> {
  const [token, publicId, rowId] = [newToken(), newPublicId('session'), newUuid()];
  await studio.raw(
    `insert into user_sessions (id, public_id, user_id, token_hash, idle_expires_at, expires_at) values ($1, $2, $3, $4, now() + interval '7 days', now() + interval '30 days')`,
    [rowId, publicId, person.id, hashToken(token)],
  );
  return { token, publicId, rowId };
}
