import { randomBytes } from 'node:crypto';
import type { Ctx } from '@/lib/context';
import { asSystem } from '@/lib/identity/access/as-system';
import { apiKeyScopes } from '@/lib/identity/access/policy';
import { locateOrganization } from '@/lib/identity/access/within';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import { issueAccessToken } from '@/lib/identity/session/access-token';
import { openSession, type OpenedSession } from '@/lib/identity/session/open-session';
import { newPublicId } from '@/lib/kernel/ids';
import { endThrowAway } from './end-throw-aways';

/** A stranger with an organization of their own, who exists for one proof: nobody can sign in as them. */
export interface ThrowAway {
  /** Row uuids. */
  userId: string;
  organizationId: string;
  /** The public id. */
  organization: string;
  /** Everything that such a person could show: a session's cookie value, access tokens, an API key. */
  credentials: { session: string; accessToken: string; boundAccessToken: string; apiKey: string };
}

const name = { first: 'Throw-away', last: 'Stranger' };

/**
 * Made by the same verbs as everybody's organization. The person has no password, and an address that no mail reaches.
 * What was made by then is removed again when it cannot be made whole.
 */
export async function openThrowAway(ctx: Ctx): Promise<ThrowAway> {
  const person = await makePerson(ctx);
  try {
    return await settle(ctx, person);
  } catch (error) {
    await endThrowAway(ctx, person.userId);
    throw error;
  }
}

interface Person {
  userId: string;
  publicId: string;
  session: OpenedSession;
}

async function makePerson(ctx: Ctx): Promise<Person> {
  const [publicId, email] = [newPublicId('user'), `${randomBytes(16).toString('hex')}@throw-away.invalid`];
  return asSystem(ctx, 'register', async (tx) => {
    const [row] = await tx.query<{ id: string }>(
      `insert into users (public_id, email, first_name, last_name, email_verified_at, throw_away) values ($1, $2, $3, $4, now(), true) returning id`,
      [publicId, email, name.first, name.last],
    );
    if (row === undefined) throw new Error('the person was not inserted');
    return { userId: row.id, publicId, session: await openSession(ctx, tx, row.id) };
  });
}

async function settle(ctx: Ctx, { userId, publicId, session }: Person): Promise<ThrowAway> {
  // The proof was counted when it was asked for; its stranger must not use up what people are allowed.
  const limits = { ...ctx.limits, attempt: () => Promise.resolve() };
  const stranger: Ctx = { ...ctx, limits, actor: { kind: 'user', userId, sessionId: session.id, name: `${name.first} ${name.last}` } };
  const { id: organization } = await createOrganization(stranger, { name: name.first, slug: `throw-away-${randomBytes(12).toString('hex')}` });
  const { secret: apiKey } = await createApiKey(stranger, organization, { name: name.first, scopes: [...apiKeyScopes] });
  const token = (bound?: string) => issueAccessToken(ctx, { user: publicId, session: session.publicId, organization: bound });
  return {
    userId,
    organizationId: await locateOrganization(ctx, organization),
    organization,
    credentials: { session: session.token, accessToken: await token(), boundAccessToken: await token(organization), apiKey },
  };
}
