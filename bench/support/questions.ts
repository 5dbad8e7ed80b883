import type { Ask, Question } from './load';
import type { World } from './data';

/** Goes round all people and their organizations, so that no two questions in a row hit the same rows. */
export function inTurn(world: World, ask: (cookie: string, organization: { id: string; slug: string }) => Question): Ask {
  const { people } = world;
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
export function freshList(world: World, path = '/api/v1/projects'): Ask {
  return inTurn(few(world), (cookie, { id }) => {
    unlike += 1;
    return { path: `${path}?organization_id=${id}&limit=25&limit=${unlike}`, headers: { cookie } };
  });
}

/** The same address over and over for each person, as a page that polls does. */
export function sameList(world: World, headers: (cookie: string, organizationId: string) => Record<string, string> = (cookie) => ({ cookie })): Ask {
  return inTurn(one(world), (cookie, { id }) => ({ path: `/api/v1/projects?organization_id=${id}&limit=25`, headers: headers(cookie, id) }));
}

const askedEach = 50;

export function few(world: World): World {
  return { ...world, people: world.people.map((person) => ({ ...person, organizations: person.organizations.slice(0, askedEach) })) };
}

export function one(world: World): World {
  return { ...world, people: world.people.map((person) => ({ ...person, organizations: person.organizations.slice(0, 1) })) };
}
