import type pg from 'pg';
import { hashToken, newPublicId, newToken } from '@/lib/kernel/ids';
import type { RunningPostgres } from '../../scripts/lib/embedded-postgres.mjs';
import { keptDatabase, withOwner, type Databases } from './kept-database';
import { fillOrganizations, persons } from './worlds/organizations';

/** A signed-in person and the organizations that this person asks about. */
export interface Person {
  /** The row uuid, as that of the session. */
  userId: string;
  sessionId: string;
  email: string;
  cookie: string;
  organizations: Organization[];
}

export interface Organization {
  /** Public id. */
  id: string;
  slug: string;
}

export interface World extends Databases {
  /** How many organizations there are; projects are ten times as many. */
  size: number;
  /** Members of many organizations, so that few sessions reach many rows. */
  people: Person[];
  /** Owners of one organization each, as most people are. */
  owners: Person[];
}

/** The database of so many organizations and ten times as many projects; people sign in anew each time. */
export async function openWorld(postgres: RunningPostgres, organizations: number): Promise<World> {
  const databases = await keptDatabase(postgres, String(organizations), (client) => fillOrganizations(client, organizations));
  return {
    ...databases,
    size: organizations,
    people: await signedIn(databases, namesOf('person', persons, 1)),
    owners: await signedIn(databases, namesOf('owner', Math.min(persons, organizations / 5), 5)),
  };
}

function namesOf(kind: 'person' | 'owner', count: number, step: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index * step}@bench.test`);
}

/** Those of the named who are a member somewhere, with a session each. */
export function signedIn({ ownerUrl }: Databases, emails: readonly string[]): Promise<Person[]> {
  return withOwner(ownerUrl, (client) => signIn(client, emails));
}

async function signIn(client: pg.Client, emails: readonly string[]): Promise<Person[]> {
  const { rows } = await client.query<{ id: string; email: string; organizations: Organization[] | null }>(
    `select u.id, u.email, (select json_agg(json_build_object('id', o.public_id, 'slug', o.slug) order by o.id)
                              from memberships m join organizations o on o.id = m.organization_id where m.user_id = u.id and o.slug like 'bench-%') as organizations
       from users u where u.email = any ($1) order by u.email`,
    [emails],
  );
  const people: Person[] = [];
  for (const { id, email, organizations } of rows) {
    if (organizations === null) continue;
    const token = newToken();
    const session = await client.query<{ id: string }>(
      `insert into user_sessions (public_id, user_id, token_hash, idle_expires_at, expires_at) values ($1, $2, $3, now() + interval '1 day', now() + interval '1 day') returning id`,
      [newPublicId('session'), id, hashToken(token)],
    );
    people.push({ userId: id, sessionId: session.rows[0]?.id ?? '', email, cookie: `studio_session=${token}`, organizations });
  }
  return people;
}
