import { getProject } from '@/lib/projects/get-project';
import { projectTasks } from '@/lib/projects/tasks';
import type { FaultHook } from '@/lib/sagas/fault';
import type { TestProjects } from '../../projects/support';
import { inspect, type Inspection } from '../invariants';
import { mend, prepare, rest, start, type Hands } from './beginnings';
import type { InBetween } from './in-between';
import { lanePatienceMs, type Lane } from './lane';
import { titleOf, type Scenario } from './scenarios';

/** Tasks by organization: one runner works for all scenarios, each with ports and faults of its own. */
export type TaskSwitch = Map<string, ReturnType<typeof projectTasks>>;

interface Stage {
  studio: TestProjects;
  hands: Hands;
  between: InBetween;
  tasks: TaskSwitch;
}

export interface Outcome {
  scenario: Scenario;
  /** False when nothing was left to be struck, as behind the last step of a saga. */
  struck: boolean;
  /** Answered 429 with a time to wait, and came back sooner. */
  hastened: number;
  project: string;
  status: string;
  inspection: Inspection;
}

/** One project through one saga with one fault at one place; then everything is well again, and both sides are looked at. */
export async function runScenario({ studio, hands, between, tasks }: Stage, lane: Lane, scenario: Scenario, number: number): Promise<Outcome> {
  const caller = `scenario-${number}`;
  const organization = await studio.newOrganization(studio.owner, `Matrix ${number}`);
  const ports = lane.portsAt(between.endpointOf(caller));
  let hook: FaultHook = () => Promise.resolve();
  tasks.set(organization.rowId, projectTasks(ports, { faults: (step, position) => hook(step, position), leaseMs: 1_500, backoff: () => 20 }));
  const wanted = { organization, name: titleOf(scenario) };

  const prepared = await prepare(hands, scenario.kind, wanted);
  const armed = armFor(between, lane, caller, scenario);
  hook = armed.hook;
  if (scenario.refusal !== undefined) between.refuse(caller, scenario.refusal);
  const project = await start(hands, scenario.kind, wanted, prepared);
  await rest(hands, organization.rowId);

  hook = () => Promise.resolve();
  const { struck, hastened } = between.heal(caller);
  await mend(hands, organization.rowId, project);
  const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const inspection = await inspect({ raw: studio.raw, admin }, [project], { organizationId: organization.rowId });
  const { status } = await getProject(hands.ctx, project);
  return { scenario, struck: struck > 0 || armed.brokeDatabase(), hastened, project, status, inspection };
}

/** Before and on the way, the step's own call is struck; behind it, whatever comes next, at Appwrite or in writing it down. */
function armFor(between: InBetween, lane: Lane, caller: string, { step, position, fault, times }: Scenario): { hook: FaultHook; brokeDatabase: () => boolean } {
  const own = position === 'before' || position === 'sent';
  let [armed, broken] = [false, false];
  return {
    brokeDatabase: () => broken,
    async hook(atStep, atPosition) {
      if (armed || atStep !== step || atPosition !== (own ? 'before' : position)) return;
      armed = true;
      between.arm(caller, { fault, work: position === 'sent' ? 'done' : 'undone', times });
      if (own) return;
      broken = true;
      if (fault === 'timeout') {
        lane.postgres.hang();
        setTimeout(lane.postgres.heal, lanePatienceMs + 200);
      } else if (fault === 'reset') lane.postgres.reset();
      else if (fault === 'slow') {
        lane.postgres.slow(30, 30);
        setTimeout(lane.postgres.heal, 600);
      } else broken = false;
    },
  };
}
