import type { Project } from '../deploy-lab';
import type { World } from '../data';
import type { Ask } from '../load';
import { freshList, inTurn, organizationPage, sameList } from '../questions';

/** What people ask in an ordinary hour: of a hundred questions so many, in an order that mixes them. */
export function ordinaryHour(world: World, projects: readonly Project[], url: string): Ask {
  const { owners } = world;
  const own = inTurnOf(projects);
  const shares: [number, Ask][] = [
    [40, sameList(world)],
    [20, freshList(world)],
    [10, () => forProject(own(), '')],
    [8, inTurn(owners, (cookie) => ({ path: '/api/v1/organizations', headers: { cookie } }))],
    [7, inTurn(owners, (cookie) => ({ path: '/api/v1/auth/session', headers: { cookie } }))],
    [5, inTurn(owners, (cookie, { id }) => ({ path: `/api/v1/organizations/${id}/members`, headers: { cookie } }))],
    [4, inTurn(owners, (cookie, { id }) => ({ path: `/api/v1/organizations/${id}/audit`, headers: { cookie } }))],
    [4, organizationPage(world)],
    [2, change(own, url)],
  ];
  const all = shares.flatMap(([share, ask]) => Array.from({ length: share }, () => ask));
  if (all.length !== 100) throw new Error(`the shares make ${all.length}, not 100`);
  let turn = 0;
  // 37 has no divisor in common with 100: every question has its turn, and none follows its like.
  return () => {
    const ask = all[(turn++ * 37) % all.length];
    if (ask === undefined) throw new Error('there is nothing to ask');
    return ask();
  };
}

/** New names, which the worker carries on to Appwrite. */
export function renames(projects: readonly Project[], url: string): Ask {
  const own = inTurnOf(projects);
  let turn = 0;
  return () => patch(own(), url, { name: `Renamed ${(turn += 1)}` });
}

function change(own: () => Project, url: string): Ask {
  const frameworks = ['node', 'react', 'vue'];
  let turn = 0;
  return () => patch(own(), url, { framework: frameworks[turn++ % frameworks.length] });
}

function patch(project: Project, url: string, body: object) {
  return { ...forProject(project, ''), method: 'PATCH' as const, headers: { cookie: project.cookie, origin: url }, body: JSON.stringify(body) };
}

function forProject({ id, cookie }: Project, rest: string) {
  return { path: `/api/v1/projects/${id}${rest}`, headers: { cookie } };
}

function inTurnOf<Item>(items: readonly Item[]): () => Item {
  let turn = 0;
  return () => {
    const item = items[turn++ % items.length];
    if (item === undefined) throw new Error('there is nothing to ask about');
    return item;
  };
}
