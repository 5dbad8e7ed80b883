import { projectTasks } from '@/lib/projects/tasks';
import type { FaultHook } from '@/lib/sagas/fault';
import type { TestProjects } from '../../projects/support';
import { inspect, type Inspection } from '../invariants';
import { mend, prepare, rest, shortOf, start, type Hands } from './beginnings';
import type { InBetween } from './in-between';
import type { Lane } from './lane';
import { titleOf, type Scenario } from './scenarios';
import { armFor } from './strike';
import type { TaskSwitch } from './task-switch';

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
  hastened: string[];
  project: string;
  /** How far the saga came that gave up, before a person asked again. */
  short: string | null;
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
  const armed = armFor({ between, lane, caller }, scenario);
  hook = armed.hook;
  if (scenario.refusal !== undefined) between.refuse(caller, scenario.refusal);
  const project = await start(hands, scenario.kind, wanted, prepared);
  await rest(hands, organization.rowId);

  hook = () => Promise.resolve();
  const { struck, hastened } = between.heal(caller);
  const short = await shortOf(hands, scenario.kind, project);
  await mend(hands, organization.rowId, project);
  const admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const inspection = await inspect({ raw: studio.raw, admin }, [project], { organizationId: organization.rowId });
  return { scenario, struck: struck > 0 || armed.struckElsewhere(), hastened, project, short, inspection };
}
