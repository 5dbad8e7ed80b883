import { z } from 'zod';
import { inLab, type DeployLab, type Project } from '../../support/deploy-lab';
import type { Finding } from '../../support/finding';
import type { RailwayRequest } from '../../support/railway';
import type { Stage } from '../../support/stage';

const count = 20;

/** What it costs at Railway, whose requests are counted, to give an app its variables: at first, and when all of them have changed. */
export function deployVariables(stage: Stage): Promise<Finding[]> {
  return inLab(stage, { organizations: 1 }, async (lab) => {
    const project = await lab.project();
    const first = await inject(lab, project, 'first');
    const second = await inject(lab, project, 'second');
    const pass = [first, second].every(({ writes, deployments, seen }) => writes === 1 && deployments === 1 && seen === count);
    const words = ({ writes, deployments, seen }: Injected) => `${writes} write and ${deployments} deployment, ${seen} in the app`;
    return [
      {
        what: `${count} variables into an app`,
        limit: 'counted at the stand-in: 1 write and 1 deployment',
        ours: `${words(first)}; all changed: ${words(second)}`,
        reached: `${Math.max(first.writes, second.writes)} and ${Math.max(first.deployments, second.deployments)}`,
        target: '1 and 1',
        pass,
      },
    ];
  });
}

interface Injected {
  writes: number;
  deployments: number;
  /** How many of them the app has. */
  seen: number;
}

async function inject(lab: DeployLab, project: Project, value: string): Promise<Injected> {
  const variables = Array.from({ length: count }, (_, n) => ({ name: `BENCH_${n}`, value: `${value} ${n}` }));
  await lab.railway.forget();
  await project.api.send(z.unknown(), 'POST', `/projects/${project.id}/env/variables`, { variables });
  const { url } = await lab.up(project, (await lab.deploy(project)).id);
  const requests = await lab.railway.requests();
  return {
    writes: counted(requests, /^variable\w*(Upsert|Delete)|^environmentPatch/),
    deployments: counted(requests, /^(serviceInstance(Deploy|Redeploy)|deployment(Redeploy|Rollback|Restart)|environmentTriggersDeploy)/),
    seen: Number(await (await fetch(url ?? '')).text()),
  };
}

function counted(requests: readonly RailwayRequest[], name: RegExp): number {
  return requests.filter((request) => name.test(request.name)).length;
}
