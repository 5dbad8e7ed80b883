import { contextFor, type Composition } from '@/lib/composition';
import { asSystem } from '@/lib/identity/access/as-system';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import { findAccount } from '@/lib/identity/user/account';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { createProject } from '@/lib/projects/create-project';

/** Printed by `npm run up`; local mode only, so no secret. */
export const demoLogin = { email: 'demo@studio.localhost', password: 'studio-demo-2026' };

/** A person, an organization and a project to look at, made through the same verbs as everything else. Does nothing the second time. */
export async function seedDemo(composition: Composition): Promise<void> {
  if (composition.env.STUDIO_MODE !== 'local') throw new Error('The demo login is public, so it is made in local mode only.');
  const system = contextFor(composition, { actor: { kind: 'system', job: 'demo' } });
  const passwordHash = await composition.ports.passwords.hash(demoLogin.password);
  const userId = await asSystem(system, 'register', async (tx) => {
    if ((await findAccount(tx, demoLogin.email)) !== null) return null;
    const [user] = await tx.query<{ id: string }>(
      `insert into users (public_id, email, first_name, last_name, email_verified_at) values ($1, $2, 'Ada', 'Demo', now()) returning id`,
      [newPublicId('user'), demoLogin.email],
    );
    if (user === undefined) throw new Error('the demo user was not inserted');
    await tx.query('insert into user_credentials (user_id, password_hash) values ($1, $2)', [user.id, passwordHash]);
    return user.id;
  });
  if (userId === null) return;
  const sessionId = await asSystem(system, 'register', async (tx) => {
    const [session] = await tx.query<{ id: string }>(
      `insert into user_sessions (id, public_id, user_id, token_hash, idle_expires_at, expires_at)
       values ($1, $2, $3, sha256(gen_random_uuid()::text::bytea), now() + interval '1 minute', now() + interval '1 minute') returning id`,
      [newUuid(), newPublicId('session'), userId],
    );
    if (session === undefined) throw new Error('the demo session was not inserted');
    return session.id;
  });
  const ctx = contextFor(composition, { actor: { kind: 'user', userId, sessionId, name: 'Ada Demo' } });
  const organization = await createOrganization(ctx, { name: 'Demo', slug: 'demo' });
  await createProject(ctx, { organization_id: organization.id, name: 'Notes', framework: 'node', backend: 'appwrite' });
}
