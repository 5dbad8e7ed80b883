import { z } from 'zod';
import type { Railway, RailwayDeployment } from '@/lib/adapters/railway/port';
import type { Status } from '@/lib/deployments/schemas';
import type { SystemJob } from '@/lib/kernel/actor';
import { systemCtx } from '@/lib/projects/tasks';
import type { TestDeployments } from '../../deployments/support/studio';
import { TOKEN } from '../../local-cloud/railway/support';
import type { Hands } from './beginnings';
import type { Scene } from './deployment-beginnings';

/** Both sides of an app: its rows past every policy, and its Railway. */
export interface World {
  hands: Hands;
  railway: Railway;
  /** Every project of the workspace, those too that have the name of another one. */
  projectsAtRailway(): Promise<{ id: string; name: string }[]>;
}

const projectPage = z.object({ edges: z.array(z.object({ cursor: z.string(), node: z.object({ id: z.string(), name: z.string() }) })), pageInfo: z.object({ hasNextPage: z.boolean() }) });

export function worldOf(studio: TestDeployments): World {
  return {
    hands: { ctx: studio.owner.ctx, raw: studio.raw, system: (job: SystemJob) => systemCtx(studio.ports, job) },
    railway: studio.owner.ctx.railway.withToken(TOKEN),
    // The port finds one by its name alone; here two of a name must be seen.
    async projectsAtRailway() {
      const found: { id: string; name: string }[] = [];
      for (let after: string | null = null; ; ) {
        const page: z.infer<typeof projectPage> = await studio.cloud.ask(projectPage, 'query($after: String) { projects(first: 200, after: $after) { edges { cursor node { id name } } pageInfo { hasNextPage } } }', { after });
        found.push(...page.edges.map(({ node }) => node));
        if (!page.pageInfo.hasNextPage) return found;
        after = page.edges.at(-1)?.cursor ?? null;
      }
    },
  };
}

/** Where an app is at Railway, as the rows say; null for what was not made. */
export interface PlaceRow {
  name: string;
  project: string | null;
  service: string | null;
  service_name: string;
  environment: string | null;
  removed: boolean;
}

export interface Row {
  id: string;
  status: Status;
  reason: string | null;
  railway: string | null;
  replaced: string[];
}

export async function placeRowOf({ hands }: World, { project }: Scene): Promise<PlaceRow> {
  const [row] = await hands.raw<PlaceRow>(
    `select r.name, r.railway_project_id as project, s.railway_service_id as service, s.railway_name as service_name, s.railway_environment_id as environment, s.removed_at is not null as removed
       from projects p join railway_projects r on r.project_id = p.id join services s on s.project_id = p.id where p.public_id = $1`,
    [project],
  );
  if (row === undefined) throw new Error('nothing was kept of the app');
  return row;
}

export function rowsOf({ hands }: World, { project }: Scene): Promise<Row[]> {
  return hands.raw<Row>(
    `select d.public_id as id, d.status, d.reason, d.railway_deployment_id as railway, d.replaced_railway_ids as replaced
       from deployments d join projects p on p.id = d.project_id where p.public_id = $1 order by d.number`,
    [project],
  );
}

/** Railway's ids of all that one deployment was. */
export const idsOf = ({ railway, replaced }: Row): string[] => [...(railway === null ? [] : [railway]), ...replaced];

/** None where the project, the environment or the service was not made, or is gone. */
export async function deploymentsAtRailway({ railway }: World, { project, service, environment }: PlaceRow): Promise<RailwayDeployment[]> {
  if (project === null || service === null || environment === null) return [];
  const { services } = await railway.getProject(project);
  return services.some(({ id }) => id === service) ? railway.listDeployments({ projectId: project, serviceId: service, environmentId: environment, limit: 50 }) : [];
}
