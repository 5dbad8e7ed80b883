import { run as runWorker, Logger, type Runner } from 'graphile-worker';

type Tasks = Record<string, (payload: unknown) => Promise<void>>;

/** Tasks by organization: one runner works for all scenarios, each with ports and faults of its own. */
export type TaskSwitch = Map<string, Tasks>;

interface Options {
  jobsUrl: string;
  /** For organizations that have none of their own. */
  standard: Tasks;
  concurrency: number;
}

const silent = new Logger(() => () => undefined);

/** A worker whose tasks know which scenario a job belongs to. */
export function startSwitchedRunner(tasks: TaskSwitch, { jobsUrl, standard, concurrency }: Options): Promise<Runner> {
  const taskList = Object.fromEntries(
    Object.keys(standard).map((name) => [
      name,
      async (payload: unknown) => {
        const of = typeof payload === 'object' && payload !== null && 'organization_id' in payload ? tasks.get(String(payload.organization_id)) : undefined;
        await (of ?? standard)[name]?.(payload);
      },
    ]),
  );
  return runWorker({ connectionString: jobsUrl, noHandleSignals: true, taskList, pollInterval: 40, concurrency, maxPoolSize: 10, logger: silent });
}
