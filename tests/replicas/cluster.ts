import { startFaultProxyFor, type FaultProxy } from '../support/fault-proxy';
import { proof } from '../support/figure';
import { startPgBouncer } from '../support/pgbouncer';
import { withClient } from '../support/postgres';
import { ownRedis } from '../support/redis';
import { startStudio } from '../support/studio';
import { signUp, type Visitor } from '../support/visitor';
import { newPublicId } from '@/lib/kernel/ids';
import { OrganizationView } from '@/lib/identity/organization/schemas';
import { CreatedProject, ProjectView } from '@/lib/projects/schemas';
import { waitFor } from '../support/wait-for';

/** How the processes reach Postgres. */
export const topologies = [
  { topology: 'straight to Postgres', pooled: false },
  { topology: 'through PgBouncer in transaction mode', pooled: true },
] as const;

/** In a test run `shared-state` alone tries both: a cluster takes long to start. */
export const chosenTopologies = proof.whole ? topologies : topologies.slice(0, 1);

/** Connections that the pooler opens to Postgres. */
export const poolerSize = 10;

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** Two servers and two workers on one Postgres and one Redis; every way to those two can be broken. */
export async function startCluster({ pooled, env = {} }: { pooled: boolean; env?: Record<string, string> }) {
  const redis = await ownRedis();
  // One for each server and one for the workers, so that one process can be cut off alone.
  const redisFor = { first: await startFaultProxyFor(redis.url), second: await startFaultProxyFor(redis.url), workers: await startFaultProxyFor(redis.url) };
  const closing: Array<() => Promise<void>> = [redisFor.first.close, redisFor.second.close, redisFor.workers.close, redis.stop];
  let postgres: FaultProxy | undefined;

  const studio = await startStudio({
    servers: 2,
    workers: 2,
    redisUrl: redisFor.workers.through(redis.url),
    serverEnv: (n) => ({ REDIS_URL: (n === 0 ? redisFor.first : redisFor.second).through(redis.url) }),
    env: async (database) => {
      postgres = await startFaultProxyFor(database.appUrl);
      closing.unshift(postgres.close);
      const direct = postgres.through(database.appUrl);
      const variables = { DATABASE_URL: direct, DATABASE_JOBS_URL: postgres.through(database.jobsUrl), TRUSTED_PROXY_HOPS: '1', ...env };
      if (!pooled) return variables;
      const pooler = await startPgBouncer(direct, { poolSize: poolerSize });
      closing.unshift(pooler.stop);
      return { ...variables, DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: direct };
    },
  });
  const [first = '', second = ''] = studio.urls;
  if (postgres === undefined) throw new Error('the processes were started without a way to Postgres');

  async function newProject(owner: Visitor, organization: string, name: string, at = first): Promise<CreatedProject> {
    return owner.post(CreatedProject, '/api/v1/projects', { organization_id: organization, name }, { at });
  }

  return {
    studio,
    redis,
    redisFor,
    postgres,
    first,
    second,
    signUp: (name?: string) => signUp(studio, name),
    newOrganization: (owner: Visitor, name = 'Acme') => owner.post(OrganizationView, '/api/v1/organizations', { name }),
    newProject,
    async readyProject(owner: Visitor, organization: string, name: string): Promise<ProjectView> {
      const { id } = await newProject(owner, organization, name);
      return waitForStatus(owner, id, 'ready');
    },
    /** Puts somebody into an organization without the ceremony of an invitation. */
    async join(organization: string, email: string, role: string): Promise<string> {
      const publicId = newPublicId('membership');
      await withClient(studio.database.ownerUrl, (client) =>
        client.query(
          `insert into memberships (organization_id, public_id, user_id, role)
           select o.id, $1, u.id, $2 from organizations o, users u where o.public_id = $3 and u.email = $4`,
          [publicId, role, organization, email],
        ),
      );
      return publicId;
    },
    async stop() {
      await studio.stop();
      for (const close of closing) await close();
    },
  };
}

export function waitForStatus(visitor: Visitor, project: string, status: ProjectView['status'], withinMs = 30_000): Promise<ProjectView> {
  return waitFor(
    async () => {
      const view = await visitor.get(ProjectView, `/api/v1/projects/${project}`);
      return view.status === status && view;
    },
    { what: `the project to be ${status}`, withinMs, everyMs: 50 },
  );
}

/** The middle and the worst of a measurement, for a line in the report. */
export function spread(values: readonly number[]): { p50: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { p50: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), max: Math.round(sorted.at(-1) ?? 0) };
}
