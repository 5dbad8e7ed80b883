import { contextFor, type Composition } from '@/lib/composition';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { within } from '@/lib/identity/access/within';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import { listOrganizations } from '@/lib/identity/organization/list-organizations';
import { findAccount } from '@/lib/identity/user/account';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { createProject } from '@/lib/projects/create-project';

/** Printed by `npm run up`; local mode only, so no secret. */
export const demoLogin = { email: 'demo@studio.localhost', password: 'studio-demo-2026' };

/**
 * A person, an organization and a project to look at, made through the same verbs as everything else. Each is made
 * when it is not there yet, so that a run that was cut off is finished by the next one.
 */
export async function seedDemo(composition: Composition): Promise<void> {
  if (composition.env.STUDIO_MODE !== 'local') throw new Error('The demo login is public, so it is made in local mode only.');
  const userId = await demoUser(composition);
  const sessionId = await shortSession(composition, userId);
  const ctx = contextFor(composition, { actor: { kind: 'user', userId, sessionId, name: 'Ada Demo' } });
  const [known] = await listOrganizations(ctx);
  const organization = known ?? (await createOrganization(ctx, { name: 'Demo' }));
  if (await hadProject(ctx, organization.id)) return;
  await createProject(ctx, { organization_id: organization.id, name: 'Notes', framework: 'node', backend: 'appwrite' });
}

async function demoUser(composition: Composition): Promise<string> {
  const passwordHash = await composition.ports.passwords.hash(demoLogin.password);
  return asSystem(systemOf(composition), 'register', async (tx) => {
    const known = await findAccount(tx, demoLogin.email);
    if (known !== null) return known.id;
    const [user] = await tx.query<{ id: string }>(
      `insert into users (public_id, email, first_name, last_name, email_verified_at) values ($1, $2, 'Ada', 'Demo', now()) returning id`,
      [newPublicId('user'), demoLogin.email],
    );
    if (user === undefined) throw new Error('the demo user was not inserted');
    await tx.query('insert into user_credentials (user_id, password_hash) values ($1, $2)', [user.id, passwordHash]);
    return user.id;
  });
}

/** Verbs ask for a session that stands; nobody knows the token of this one. */
async function shortSession(composition: Composition, userId: string): Promise<string> {
  return asSystem(systemOf(composition), 'register', async (tx) => {
    const [session] = await tx.query<{ id: string }>(
      `insert into user_sessions (id, public_id, user_id, token_hash, idle_expires_at, expires_at)
       values ($1, $2, $3, sha256(gen_random_uuid()::text::bytea), now() + interval '1 minute', now() + interval '1 minute') returning id`,
      [newUuid(), newPublicId('session'), userId],
    );
    if (session === undefined) throw new Error('the demo session was not inserted');
    return session.id;
  });
}

/** One that was deleted counts too: nobody wants it back. */
async function hadProject(ctx: Ctx, organization: string): Promise<boolean> {
  return within(ctx, { organization }, 'project:read', async (tx, access) => {
    const rows = await tx.query('select from projects where organization_id = $1 limit 1', [access.organizationId]);
    return rows.length > 0;
  });
}

function systemOf(composition: Composition): Ctx {
  return contextFor(composition, { actor: { kind: 'system', job: 'demo' } });
}
