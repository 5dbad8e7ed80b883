import type { Ctx } from '@/lib/context';
import { listMembers } from '@/lib/identity/member/list-members';
import { getOrganization } from '@/lib/identity/organization/get-organization';
import { listOrganizations } from '@/lib/identity/organization/list-organizations';
import { signedIn, type Person } from '../../support/data';
import type { Finding } from '../../support/finding';
import { grow } from '../../support/growth';
import { openInProcess } from '../../support/in-process';
import { load } from '../../support/load';
import { inTurn } from '../../support/questions';
import { connections, straight } from '../../support/straight';
import type { Stage } from '../../support/stage';
import { transcriptOf, type Transcript } from '../../support/transcript';
import { fillMembers } from '../../support/worlds/members';

const most = 1.2;
const asking = 10;
const allSizes = [1, 10, 100, 1_000, 10_000];

interface Question {
  what: string;
  /** The members that fill a page. */
  judgedFrom?: number;
  mostMs?: number;
  path: (organization: string) => string;
  verb: (ctx: Ctx, organization: string) => Promise<unknown>;
}

/** One organization with ever more members, on one server among others of the usual size. */
export async function membersGrow(stage: Stage): Promise<Finding[]> {
  const sizes = stage.sizes(...allSizes);
  const databases = await stage.kept('members', (client) => fillMembers(client, allSizes));
  const places: { at: number; people: Person[] }[] = [];
  for (const at of sizes) {
    const people = await signedIn(databases, Array.from({ length: Math.min(at, asking) }, (_, n) => `m${at}-${n}@bench.test`));
    places.push({ at, people });
  }
  const ours = await stage.studio(databases);
  const heard = openInProcess(stage.environment(databases, ours.url));
  const limit = straight(databases.appUrl, stage.scratch);
  await stage.warm();

  async function transcripts(people: readonly Person[], { verb }: Question): Promise<Transcript[]> {
    const made: Transcript[] = [];
    for (const person of people) made.push(await transcriptOf(() => verb(heard.ctx(person), person.organizations[0]?.id ?? '')));
    return made;
  }

  async function curve(question: Question): Promise<Finding> {
    const sized = [];
    for (const { at, people } of places) {
      const spoken = await transcripts(people, question);
      const ask = inTurn(people, (cookie, { id }) => ({ path: question.path(id), headers: { cookie } }));
      const asked = (seconds: number) => load({ url: ours.url, ask, connections, seconds, warmUpSeconds: 0.2 });
      await asked(2);
      sized.push({ at, ours: () => asked(stage.growth.seconds), limit: () => limit.run(spoken, stage.growth) });
    }
    const { what, judgedFrom = 0, mostMs } = question;
    return grow({ what, of: 'members', limitBy: `${limit.by}, same transaction`, most, mostMs, judgedFrom, sizes: sized, rounds: stage.growth.rounds });
  }

  try {
    const findings: Finding[] = [];
    for (const question of questions) findings.push(await curve(question));
    return findings;
  } finally {
    await heard.close();
    await ours.stop();
    await stage.forget('members');
  }
}

const page = (sort: string) => ({
  judgedFrom: 100,
  path: (organization: string) => `/api/v1/organizations/${organization}/members?limit=25&sort=${sort}`,
  verb: (ctx: Ctx, organization: string) => listMembers(ctx, organization, { limit: 25, sort }),
});

const questions: Question[] = [
  { what: 'members in the order of joining', ...page('created_at') },
  // Names belong to people, so that no index knows their order in one organization: all of its members are sorted.
  { what: 'members by name', ...page('name'), mostMs: 200 },
  { what: 'members by role', ...page('role') },
  { what: 'one organization, read by a member', path: (organization) => `/api/v1/organizations/${organization}`, verb: getOrganization },
  { what: 'organizations of a member', path: () => '/api/v1/organizations', verb: listOrganizations },
];
