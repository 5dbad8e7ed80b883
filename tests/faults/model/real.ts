import { getProject } from '@/lib/projects/get-project';
import { projectSagas as sagas } from '@/lib/projects/sagas';
import { systemCtx } from '@/lib/projects/tasks';
import { SimulatedCrash, type FaultHook, type FaultPosition } from '@/lib/sagas/fault';
import { runSaga } from '@/lib/sagas/run';
import { testProjects, type TestProjects } from '../../projects/support';
import type { Person } from '../../support/context';
import { inspect, violationsOf, type Inspection } from '../invariants';
import { rest } from '../matrix/beginnings';
import type { SagaName } from '../matrix/scenarios';
import type { Project, Seen, Status } from './model';

export interface Tenant {
  person: Person;
  organization: { id: string; rowId: string };
}

/** The product itself: its verbs and its saga engine in this process, on a real Postgres and the stand-in for Appwrite. */
export class Real {
  /** New for each history, so that what one leaves is not looked at by the next. */
  tenants: [Tenant, Tenant] | null = null;

  constructor(readonly studio: TestProjects) {}

  static async open(): Promise<Real> {
    const studio = await testProjects();
    await studio.raw('update appwrite_instances set capacity = 100000');
    return new Real(studio);
  }

  async newTenants(): Promise<void> {
    const [north, south] = [await this.#newTenant('North'), await this.#newTenant('South')];
    this.tenants = [north, south];
    await this.studio.raw(`update subscriptions set plan_key = 'scale'`);
  }

  async #newTenant(name: string): Promise<Tenant> {
    const person = await this.studio.person();
    return { person, organization: await this.studio.newOrganization(person, name) };
  }

  tenantOf({ tenant }: { tenant: 0 | 1 }): Tenant {
    if (this.tenants === null) throw new Error('no history has begun');
    return this.tenants[tenant];
  }

  async seen(project: Project): Promise<Seen> {
    const { status } = await getProject(this.tenantOf(project).person.ctx, project.id);
    const saga = await this.#openSaga(project);
    return { status: toStatus(status), open: saga?.kind ?? null };
  }

  async #openSaga({ id }: Project): Promise<{ id: string; kind: SagaName } | undefined> {
    const [row] = await this.studio.raw<{ id: string; kind: SagaName }>(
      `select s.id, s.kind from sagas s join projects p on p.id = s.project_id where p.public_id = $1 and s.state in ('running', 'undoing')`, [id],
    );
    return row;
  }

  /** A worker carries the project's saga on, until its end, a pause, or its own death at that place. */
  async work(project: Project, crash: { step: string; position: FaultPosition } | undefined): Promise<'crashed' | 'ended'> {
    const saga = await this.#openSaga(project);
    if (saga === undefined) return 'ended';
    const faults: FaultHook = (step, position) => (step === crash?.step && position === crash.position ? Promise.reject(new SimulatedCrash(`${step}:${position}`)) : Promise.resolve());
    try {
      await runSaga(systemCtx(this.studio.ports, 'provisioning'), this.tenantOf(project).organization.rowId, saga.id, { sagas, faults, leaseMs: 1_500, backoff: () => 5 });
      return 'ended';
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) throw error;
      return 'crashed';
    } finally {
      this.studio.passTime(30_000);
    }
  }

  appwriteGoes(how: 'up' | 'dead' | 'failing'): void {
    const { faults } = this.studio.appwrite.standIn;
    faults.clear();
    if (how === 'up') this.studio.passTime(120_000);
    else faults.add({ path: '/v1/**', effect: how === 'dead' ? { kind: 'cut', when: 'before' } : { kind: 'server-error', as: 'json' } });
  }

  /** A route that the server does not know cannot be waited out: the saga has to take everything back. */
  async refusingKeys<Result>(work: () => Promise<Result>): Promise<Result> {
    const { faults } = this.studio.appwrite.standIn;
    const fault = faults.add({ method: 'POST', path: '/v1/project/keys', effect: { kind: 'not-found-page' } });
    try {
      return await work();
    } finally {
      faults.remove(fault);
    }
  }

  /** All that is written down happened so much earlier; then the clock's own jobs run. */
  async timePasses(minutes: number): Promise<void> {
    const by = `interval '${minutes} minutes'`;
    const { raw } = this.studio;
    await raw(`update sagas set created_at = created_at - ${by}, leased_until = leased_until - ${by}, finished_at = finished_at - ${by}, deadline_at = deadline_at - ${by}`);
    await raw(`update saga_steps set started_at = started_at - ${by}, next_attempt_at = next_attempt_at - ${by}`);
    await raw(`update projects set restorable_until = restorable_until - ${by}, deleted_at = deleted_at - ${by}`);
    await raw(`update appwrite_projects set abandoned_at = abandoned_at - ${by}`);
    await raw(`update graphile_worker._private_jobs set run_at = run_at - ${by} where locked_at is null`);
    this.studio.passTime(minutes * 60_000);
    for (const job of ['resume-sagas', 'purge-projects', ...(minutes < 10 ? [] : ['reconcile'])]) await this.studio.job(job);
  }

  /** Runs the jobs that wait, as the queue hands them out. */
  async drain(): Promise<void> {
    await this.studio.drain({ leaseMs: 1_500, backoff: () => 5 });
  }

  /** Lets everything come to rest and looks at both sides. */
  async settle(acknowledged: readonly string[]): Promise<Inspection[]> {
    this.appwriteGoes('up');
    await this.studio.raw(`update sagas set leased_until = clock_timestamp() - interval '1 second' where leased_until is not null`);
    const worker = await this.studio.worker({ leaseMs: 1_500, backoff: () => 5 });
    const hands = { ctx: this.studio.owner.ctx, raw: this.studio.raw, system: (job: Parameters<typeof systemCtx>[1]) => systemCtx(this.studio.ports, job) };
    const found: Inspection[] = [];
    try {
      for (const { organization } of this.tenants ?? []) {
        await rest(hands, organization.rowId);
        const mine = await this.studio.raw<{ id: string }>('select public_id as id from projects where organization_id = $1 and public_id = any($2)', [organization.rowId, acknowledged]);
        const admin = (await this.studio.ports.appwrite.byId(this.studio.instanceId)).admin();
        found.push(await inspect({ raw: this.studio.raw, admin }, mine.map(({ id }) => id), { organizationId: organization.rowId }));
      }
    } finally {
      await worker.stop();
    }
    const there = found.reduce((sum, { acknowledged: count }) => sum + count, 0);
    const violations = found.map(violationsOf).filter((each) => Object.keys(each).length > 0);
    if (there !== acknowledged.length || violations.length > 0) throw new Error(`${acknowledged.length - there} projects are gone; ${JSON.stringify(violations)}`);
    return found;
  }
}

function toStatus(status: string): Status {
  const known: Record<string, Status> = {
    requested: 'requested', provisioning: 'requested', ready: 'ready', failed: 'failed', stuck: 'stuck',
    deleted: 'deleted', restoring: 'restoring', purging: 'purging', purged: 'purged',
  };
  const found = known[status];
  if (found === undefined) throw new Error(`the model does not know the status ${status}`);
  return found;
}
