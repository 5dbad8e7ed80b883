import fc from 'fast-check';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { getProject } from '@/lib/projects/get-project';
import { restoreProject } from '@/lib/projects/restore-project';
import { retryProject } from '@/lib/projects/retry-project';
import { updateProject } from '@/lib/projects/update-project';
import { attempt } from '../../projects/support';
import { allPlaces } from '../matrix/scenarios';
import { answerTo, apply, mayBecome, mayBegin, type Model, type Project, type Seen, type Verb } from './model';
import type { Real } from './real';

type Command = fc.AsyncCommand<Model, Real>;

const mostProjects = 8;

/** Counts what was really done; fast-check skips commands that do not fit. */
export class Count {
  commands = 0;
  crashes = 0;
  byName = new Map<string, number>();

  add(name: string): void {
    this.commands += 1;
    this.byName.set(name, (this.byName.get(name) ?? 0) + 1);
  }
}

/** A command on one of the projects that there are. */
abstract class OnProject implements Command {
  constructor(readonly count: Count, readonly which: number) {}

  check({ projects }: Readonly<Model>): boolean {
    return projects.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const project = model.projects[this.which % model.projects.length];
    if (project === undefined) throw new Error('there is no project');
    this.count.add(this.toString().split(' ', 1).join());
    await this.act(project, real, model);
  }

  protected abstract act(project: Project, real: Real, model: Model): Promise<void>;
  abstract toString(): string;
}

class Create implements Command {
  constructor(readonly count: Count, readonly tenant: 0 | 1, readonly hostname: string | null) {}

  check({ projects }: Readonly<Model>): boolean {
    return projects.length < mostProjects;
  }

  async run(model: Model, real: Real): Promise<void> {
    this.count.add('create');
    const { person, organization } = real.tenantOf(this);
    const wanted = `P${model.projects.length}`;
    const { id, name } = await createProject(person.ctx, { organization_id: organization.id, name: wanted, hostname: this.hostname });
    model.projects.push({ id, name, tenant: this.tenant, status: 'requested', hasLived: false, expired: false, open: 'provision', troubled: !model.appwriteUp });
  }

  toString(): string {
    return `create by ${this.tenant}`;
  }
}

class Ask extends OnProject {
  constructor(count: Count, which: number, readonly verb: Verb) {
    super(count, which);
  }

  protected async act(project: Project, real: Real, { appwriteUp }: Model): Promise<void> {
    const { ctx } = real.tenantOf(project).person;
    const newName = `${project.name}x`.slice(-20);
    const ask: Record<Verb, () => Promise<unknown>> = {
      rename: () => updateProject(ctx, project.id, { name: newName }),
      delete: () => deleteProject(ctx, project.id, { confirm_name: project.name }),
      restore: () => restoreProject(ctx, project.id),
      retry: () => retryProject(ctx, project.id),
    };
    const [wanted, answered] = [answerTo(this.verb, project), await attempt(ask[this.verb]())];
    if (answered !== wanted) throw new Error(`${this.verb} was answered ${answered} instead of ${wanted}: ${JSON.stringify(project)}`);
    if (answered === 'ok') apply(this.verb, project, newName);
    if (!appwriteUp) project.troubled = true;
    demandOneOf(project, [{ status: project.status, open: project.open }], await real.seen(project));
  }

  toString(): string {
    return `${this.verb} ${this.which}`;
  }
}

/** What belongs to another organization is not there. */
class Peek extends OnProject {
  protected async act(project: Project, real: Real): Promise<void> {
    const { person } = real.tenantOf({ tenant: project.tenant === 0 ? 1 : 0 });
    const answers = [await attempt(getProject(person.ctx, project.id)), await attempt(updateProject(person.ctx, project.id, { name: 'Mine' }))];
    if (answers.some((answer) => answer !== 'not_found')) throw new Error(`another organization was answered ${answers.join(' and ')}`);
  }

  toString(): string {
    return `peek ${this.which}`;
  }
}

/** A worker takes the project's saga up; it may die on the way, and another one may be at it at the same time. */
class Work extends OnProject {
  constructor(count: Count, which: number, readonly how: { crash: number | null; twin: boolean; refused: boolean }) {
    super(count, which);
  }

  protected async act(project: Project, real: Real, model: Model): Promise<void> {
    const { crash, twin } = this.how;
    const refused = this.how.refused && project.open === 'provision';
    if (refused) project.troubled = true;
    const places = allPlaces().filter(({ kind, refusal }) => kind === project.open && (refused || refusal === undefined));
    const place = crash === null ? undefined : places[crash % places.length];
    const workers = async () => Promise.all([real.work(project, place), ...(twin ? [real.work(project, undefined)] : [])]);
    const ends = await (refused ? real.refusingKeys(workers) : workers());
    if (ends.includes('crashed')) this.count.crashes += 1;
    adopt(project, mayBecome(project), await real.seen(project));
    if (!model.appwriteUp) project.troubled = true;
  }

  toString(): string {
    const { crash, twin, refused } = this.how;
    return `work ${this.which}${crash === null ? '' : ` crash at place ${crash}`}${twin ? ' by two' : ''}${refused ? ' refused' : ''}`;
  }
}

/** All jobs that are due, as the queue hands them out. */
class Drain implements Command {
  constructor(readonly count: Count) {}

  check({ projects }: Readonly<Model>): boolean {
    return projects.length > 0;
  }

  async run({ projects }: Model, real: Real): Promise<void> {
    this.count.add('drain');
    await real.drain();
    for (const project of projects) adopt(project, mayBecome(project), await real.seen(project));
  }

  toString(): string {
    return 'drain';
  }
}

class TimePasses implements Command {
  constructor(readonly count: Count, readonly minutes: number) {}

  check(): boolean {
    return true;
  }

  async run({ projects }: Model, real: Real): Promise<void> {
    this.count.add('time');
    for (const project of projects) {
      project.troubled ||= this.minutes >= 30;
      project.expired ||= project.status === 'deleted' && this.minutes >= 30 * 24 * 60;
    }
    await real.timePasses(this.minutes);
    for (const project of projects) adopt(project, mayBegin(project), await real.seen(project));
  }

  toString(): string {
    return `${this.minutes} minutes pass`;
  }
}

class AppwriteGoes implements Command {
  constructor(readonly count: Count, readonly how: 'up' | 'dead' | 'failing') {}

  check({ appwriteUp }: Readonly<Model>): boolean {
    return appwriteUp !== (this.how === 'up');
  }

  run(model: Model, real: Real): Promise<void> {
    this.count.add(this.how);
    real.appwriteGoes(this.how);
    model.appwriteUp = this.how === 'up';
    if (!model.appwriteUp) for (const project of model.projects) project.troubled = true;
    return Promise.resolve();
  }

  toString(): string {
    return `Appwrite ${this.how}`;
  }
}

/** Takes what is seen into the model, if the model allows it. */
function adopt(project: Project, allowed: Seen[], seen: Seen): void {
  demandOneOf(project, allowed, seen);
  if (seen.open !== project.open) project.troubled &&= seen.open !== null;
  Object.assign(project, seen);
  project.hasLived ||= seen.status === 'ready';
}

function demandOneOf(project: Project, allowed: Seen[], seen: Seen): void {
  if (allowed.some(({ status, open }) => status === seen.status && open === seen.open)) return;
  throw new Error(`expected ${JSON.stringify(allowed)} but saw ${JSON.stringify(seen)}: ${JSON.stringify(project)}`);
}

/** Every command, as often as it should come. */
export function commands(count: Count, maxCommands: number): fc.Arbitrary<Iterable<Command>> {
  const which = fc.nat(mostProjects - 1);
  const tenant = fc.constantFrom(0 as const, 1 as const);
  const how = fc.record({ crash: fc.option(fc.nat(99), { freq: 2 }), twin: fc.boolean(), refused: fc.integer({ max: 5, min: 0 }).map((n) => n === 0) });
  const create = fc.tuple(tenant, fc.constantFrom(null, 'model.example.com')).map(([by, hostname]) => new Create(count, by, hostname));
  const work = fc.tuple(which, how).map(([at, way]) => new Work(count, at, way));
  const ask = (verb: Verb) => which.map((at) => new Ask(count, at, verb));
  const time = fc.constantFrom(2, 2, 61, 31 * 24 * 60).map((minutes) => new TimePasses(count, minutes));
  const appwrite = fc.constantFrom('up' as const, 'up' as const, 'dead' as const, 'failing' as const).map((to) => new AppwriteGoes(count, to));
  const all: fc.Arbitrary<Command>[] = [
    create, create, work, work, work, work, work, work, ask('rename'), ask('delete'), ask('restore'), ask('retry'),
    which.map((at) => new Peek(count, at)), fc.constant(new Drain(count)), time, appwrite,
  ];
  return fc.commands(all, { maxCommands, size: 'max' });
}
