import type { Ask, Question } from './load';
import type { Organization, Person, World } from './data';

/** Goes round all people and their organizations, so that no two questions in a row hit the same rows. */
export function inTurn(people: readonly Person[], ask: (cookie: string, organization: Organization) => Question): Ask {
  let turn = 0;
  return () => {
    const person = people[turn % people.length];
    const organization = person?.organizations[Math.floor(turn / people.length) % person.organizations.length];
    turn += 1;
    if (person === undefined || organization === undefined) throw new Error('there is nobody to ask');
    return ask(person.cookie, organization);
  };
}

let unlike = 0;

/**
 * The list, past the response cache: a second `limit` counts for nothing but makes each address a new one. The
 * organizations are few enough for the server to have met all of them in the warm-up.
 */
export function freshList({ people }: World, path = '/api/v1/projects'): Ask {
  const some = people.map((person) => ({ ...person, organizations: person.organizations.slice(0, 50) }));
  return inTurn(some, (cookie, { id }) => {
    unlike += 1;
    return { path: `${path}?organization_id=${id}&limit=25&limit=${unlike}`, headers: { cookie } };
  });
}

/** The same address over and over for each person, as a page that polls does. */
export function sameList({ owners }: World, headers: (cookie: string) => Record<string, string> = (cookie) => ({ cookie })): Ask {
  return inTurn(owners, (cookie, { id }) => ({ path: `/api/v1/projects?organization_id=${id}&limit=25`, headers: headers(cookie) }));
}

/** The page of an organization, with the projects in it. */
export function organizationPage({ owners }: World): Ask {
  return inTurn(owners, (cookie, { slug }) => ({ path: `/${slug}`, headers: { cookie } }));
}
