import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { listProjectsText } from '@/lib/projects/list-projects';
import type { Ctx } from '@/lib/context';
import type { Organization, Person, World } from '../../support/data';
import type { Finding } from '../../support/finding';
import { grow, type Sized } from '../../support/growth';
import { openInProcess } from '../../support/in-process';
import { withOwner } from '../../support/kept-database';
import { load, type Measured, type Question } from '../../support/load';
import { freshList } from '../../support/questions';
import { connections, straight, type Straight } from '../../support/straight';
import type { Server, Stage } from '../../support/stage';
import { transcriptOf, type Transcript } from '../../support/transcript';
import { openUndo } from '../../support/undo';

const most = 1.2;
/** How many projects are made at a time, and taken away again: a small table would soon be another one. */
const createdAtOnce = 200;

interface Place {
  world: World;
  ours: Server;
  straight: Straight;
  /** The same organizations for both sides, a few of each person, with one project of each. */
  asked: Asked[];
  transcripts: Record<'list' | 'get' | 'create', Transcript[]>;
}

interface Asked {
  person: Person;
  organization: Organization;
  project: string;
}

/** What people do most with projects, among ever more of them, beside the same transactions without the product. */
export async function projectsGrow(stage: Stage): Promise<Finding[]> {
  const places: Place[] = [];
  for (const organizations of stage.sizes(100, 1_000, 10_000, 100_000)) places.push(await openPlace(stage, await stage.world(organizations)));
  await stage.warm();
  const limitBy = `${places[0]?.straight.by}, same transaction`;
  const curve = async (what: string, sizes: Sized[]): Promise<Finding> => {
    for (const { ours } of sizes) await ours();
    return grow({ what, of: 'projects', limitBy, most, sizes, rounds: stage.growth.rounds });
  };
  const read = (which: 'list' | 'get', question: (place: Place) => () => Question): Sized[] =>
    places.map((place) => ({
      at: place.world.size * 10,
      ours: () => load({ url: place.ours.url, ask: question(place), connections, seconds: stage.growth.seconds, warmUpSeconds: 0.2 }),
      limit: () => place.straight.run(place.transcripts[which], stage.growth),
    }));
  try {
    return [
      await curve('list of projects', read('list', ({ world }) => freshList(world))),
      await curve('one project', read('get', ({ asked }) => inTurnOf(asked, ({ person, project }) => ({ path: `/api/v1/projects/${project}`, headers: { cookie: person.cookie } })))),
      await curve('creating a project', places.map(creating)),
    ];
  } finally {
    await Promise.all(places.map(({ ours }) => ours.stop()));
    for (const { world } of places) await withOwner(world.ownerUrl, (client) => client.query('vacuum (analyze)'));
  }
}

function creating({ world, ours, straight: { run }, asked, transcripts }: Place): Sized {
  const undone = async (work: () => Promise<Measured>): Promise<Measured> => {
    const undo = openUndo(world.ownerUrl, asked.map(({ organization }) => organization.id));
    let made = 0;
    const measured = await work().finally(async () => {
      made = await undo();
    });
    // A transaction that is refused is quick.
    if (made !== createdAtOnce) throw new Error(`${made} projects were made instead of ${createdAtOnce}`);
    return measured;
  };
  const ask = inTurnOf(asked, ({ person, organization }) => ({
    path: '/api/v1/projects', method: 'POST', headers: { cookie: person.cookie, origin: ours.url }, body: JSON.stringify({ organization_id: organization.id, name: 'Grown' }),
  }));
  return {
    at: world.size * 10,
    ours: () => undone(() => load({ url: ours.url, ask, status: 202, connections, seconds: 0, warmUpSeconds: 0, requests: createdAtOnce })),
    limit: () => undone(() => run(transcripts.create, { seconds: 0, requests: createdAtOnce })),
  };
}

async function openPlace(stage: Stage, world: World): Promise<Place> {
  const asked = await withProjects(world);
  const ours = await stage.studio(world);
  const heard = openInProcess(stage.environment(world, ours.url));
  const transcripts = async (verb: (ctx: Ctx, asked: Asked) => Promise<unknown>): Promise<Transcript[]> => {
    const made: Transcript[] = [];
    for (const each of asked) {
      const ctx = heard.ctx(each.person);
      made.push(await transcriptOf(() => verb(ctx, each)));
    }
    return made;
  };
  const undo = openUndo(world.ownerUrl, asked.map(({ organization }) => organization.id));
  try {
    return {
      world,
      ours,
      straight: straight(world.appUrl, stage.scratch),
      asked,
      transcripts: {
        list: await transcripts((ctx, { organization }) => listProjectsText(ctx, { organization_id: organization.id, limit: 25 })),
        get: await transcripts((ctx, { project }) => getProject(ctx, project)),
        create: await transcripts((ctx, { organization }) => createProject(ctx, { organization_id: organization.id, name: 'Grown' })),
      },
    };
  } finally {
    await undo();
    await heard.close();
  }
}

async function withProjects({ people, ownerUrl }: World): Promise<Asked[]> {
  const some = people.flatMap((person) => person.organizations.slice(0, 1).map((organization) => ({ person, organization })));
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ organization: string; project: string }>(
      `select o.public_id as organization, min(p.public_id) as project from projects p join organizations o on o.id = p.organization_id where o.public_id = any($1) group by 1`,
      [some.map(({ organization }) => organization.id)],
    );
    const projects = new Map(rows.map(({ organization, project }) => [organization, project]));
    return some.map((each) => ({ ...each, project: projects.get(each.organization.id) ?? '' }));
  });
}

function inTurnOf<Item>(items: readonly Item[], ask: (item: Item) => Question): () => Question {
  let turn = 0;
  return () => {
    const item = items[turn++ % items.length];
    if (item === undefined) throw new Error('there is nothing to ask about');
    return ask(item);
  };
}
