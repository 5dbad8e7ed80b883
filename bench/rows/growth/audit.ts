import type { Ctx } from '@/lib/context';
import { updateProject } from '@/lib/projects/update-project';
import { listAudit } from '@/lib/trust/audit/list-audit';
import { signedIn, type Person } from '../../support/data';
import type { Finding } from '../../support/finding';
import { grow } from '../../support/growth';
import { openInProcess } from '../../support/in-process';
import { withOwner, type Databases } from '../../support/kept-database';
import { load, type Measured } from '../../support/load';
import { connections, straight, type Straight } from '../../support/straight';
import type { Server, Stage } from '../../support/stage';
import { transcriptOf } from '../../support/transcript';
import { openUndo } from '../../support/undo';
import { fillAudit, rare } from '../../support/worlds/audit';

const most = 1.2;
const writtenAtOnce = 200;
/** How far down the deep page lies. */
const deep = 0.5;

interface Place {
  at: number;
  databases: Databases;
  server: Server;
  straight: Straight;
  /** The owner of most of the log, and one of the many small ones. */
  largest: Person;
  small: Person;
  /** Somewhere in the middle of the largest organization's log. */
  cursor: string;
  project: string;
}

/** The log of a year, ever longer: what writing into it costs, and how long its pages take. */
export async function auditGrows(stage: Stage): Promise<Finding[]> {
  const sizes = stage.sizes(10_000, 100_000, 1_000_000, 10_000_000);
  const places: Place[] = [];
  try {
    for (const at of sizes) places.push(await openPlace(stage, at));
    await stage.warm();
    const findings: Finding[] = [];
    for (const page of pages) findings.push(await readCurve(stage, places, page));
    findings.push(await writeCurve(stage, places));
    return findings;
  } finally {
    await Promise.all(places.map(({ server }) => server.stop()));
    for (const at of sizes) await stage.forget(kindOf(at));
  }
}

interface Page {
  what: string;
  who: 'largest' | 'small';
  /** Where a page is full. */
  judgedFrom?: number;
  mostMs?: number;
  query: (place: Place) => Record<string, string>;
}

const aYearAgo = () => new Date(Date.now() - 364 * 86_400_000).toISOString().slice(0, 10);

const pages: Page[] = [
  { what: 'first page of the log, of the organization that owns most of it', who: 'largest', query: () => ({}) },
  { what: 'first page of the log, of a small organization', who: 'small', judgedFrom: 100_000, query: () => ({}) },
  { what: 'a page from its middle', who: 'largest', query: ({ cursor }) => ({ cursor }) },
  { what: 'the log of one actor', who: 'largest', query: () => ({ actor: 'usr_actor7' }) },
  { what: 'the log of one target', who: 'largest', query: () => ({ target: rare.target }) },
  { what: 'the log of a rare action', who: 'largest', query: () => ({ action: rare.action }) },
  { what: 'the log of what a noun saw rarely', who: 'largest', query: () => ({ action: rare.action.split('.')[0] ?? '' }) },
  { what: 'what was refused', who: 'largest', query: () => ({ outcome: 'denied' }) },
  // The hour after that day is read too, for the sake of clocks that were set: it holds more the busier the organization is.
  { what: 'the log until a day long ago', mostMs: 30, who: 'largest', query: () => ({ to: aYearAgo() }) },
];

async function readCurve(stage: Stage, places: readonly Place[], { what, who, judgedFrom = 0, mostMs, query }: Page): Promise<Finding> {
  const sizes = [];
  for (const place of places) {
    const person = place[who];
    const organization = person.organizations[0]?.id ?? '';
    const input = { limit: '25', ...query(place) };
    const path = `/api/v1/organizations/${organization}/audit?${new URLSearchParams(input).toString()}`;
    const spoken = await inProcess(stage, place, person, (ctx) => listAudit(ctx, organization, input));
    const asked = (seconds: number) => load({ url: place.server.url, ask: () => ({ path, headers: { cookie: person.cookie } }), connections, seconds, warmUpSeconds: 0.2 });
    await asked(2);
    sizes.push({ at: place.at, ours: () => asked(stage.growth.seconds), limit: () => place.straight.run([spoken], stage.growth) });
  }
  return grow({ what, of: 'entries', limitBy: `${places[0]?.straight.by}, same transaction`, most, mostMs, judgedFrom, sizes, rounds: stage.growth.rounds });
}

/** A change that does little else than to be written down. */
async function writeCurve(stage: Stage, places: readonly Place[]): Promise<Finding> {
  const sizes = [];
  for (const place of places) {
    const { server, largest, project } = place;
    const organization = largest.organizations[0]?.id ?? '';
    const undone = async (work: () => Promise<Measured>): Promise<Measured> => {
      const undo = openUndo(place.databases.ownerUrl, [organization]);
      return work().finally(undo);
    };
    let turn = 0;
    const ask = () => ({
      path: `/api/v1/projects/${project}`, method: 'PATCH' as const, headers: { cookie: largest.cookie, origin: server.url }, body: JSON.stringify({ framework: ['node', 'react'][turn++ % 2] }),
    });
    const spoken = await inProcess(stage, place, largest, (ctx) => updateProject(ctx, project, { framework: 'node' }));
    const ours = () => undone(() => load({ url: server.url, ask, connections, seconds: 0, warmUpSeconds: 0, requests: writtenAtOnce }));
    await ours();
    sizes.push({ at: place.at, ours, limit: () => undone(() => place.straight.run([spoken], { seconds: 0, requests: writtenAtOnce })) });
  }
  return grow({ what: 'a change and its entry', of: 'entries', limitBy: `${places[0]?.straight.by}, same transaction`, most, sizes, rounds: stage.growth.rounds });
}

async function inProcess(stage: Stage, { databases, server }: Place, person: Person, verb: (ctx: Ctx) => Promise<unknown>) {
  const heard = openInProcess(stage.environment(databases, server.url));
  try {
    return await transcriptOf(() => verb(heard.ctx(person)));
  } finally {
    await heard.close();
  }
}

function kindOf(entries: number): string {
  return `audit_${entries}`;
}

async function openPlace(stage: Stage, at: number): Promise<Place> {
  const databases = await stage.kept(kindOf(at), (client) => fillAudit(client, at));
  const [largest, small] = await signedIn(databases, ['auditor-0@bench.test', 'auditor-7@bench.test']);
  if (largest === undefined || small === undefined) throw new Error('nobody can read the log');
  const { middle, project } = await withOwner(databases.ownerUrl, async (client) => {
    const organization = [largest.organizations[0]?.id];
    const entries = await client.query<{ id: string }>(
      `select a.id from audit_logs a join organizations o on o.id = a.organization_id where o.public_id = $1 order by a.id desc offset (select ${deep} * count(*) from audit_logs) limit 1`,
      organization,
    );
    const projects = await client.query<{ id: string }>('select p.public_id as id from projects p join organizations o on o.id = p.organization_id where o.public_id = $1', organization);
    return { middle: entries.rows[0]?.id ?? '', project: projects.rows[0]?.id ?? '' };
  });
  return {
    at, databases, largest, small, project,
    server: await stage.studio(databases),
    straight: straight(databases.appUrl, stage.scratch),
    cursor: Buffer.from(middle).toString('base64url'),
  };
}
