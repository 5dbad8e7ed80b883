import { z } from 'zod';
import type { TenantTx } from '@/db/platform/client';
import { railwayFailureOf, type Railway } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { AppError } from '@/lib/kernel/errors';
import type { Saga, Step, StepRun } from '@/lib/sagas/definition';
import { openConnectionIfAny, type Connection } from '../connection/stored-connection';
import { getServiceById, placeAtRailway, type ServiceRow } from '../service/stored-service';
import { getDeploymentById, type DeploymentRow } from '../stored-deployments';

/** What a saga keeps in its input: the deployment, those that Railway had before it was asked for a new one, and whether that began with an old key. */
const SagaInput = z.object({ deployment_id: z.uuid().optional(), before: z.array(z.string()).optional(), stale_key: z.boolean().optional(), asked_ms: z.number().optional() });

/** What the sagas of a service work on. */
export interface ServiceTarget {
  service: ServiceRow;
  projectStatus: string;
  railwayProject: { name: string; workspaceId: string; id: string | null } | null;
  connection: Connection | null;
  before: readonly string[] | null;
  staleKey: boolean;
  /** When Railway was last asked to go back. */
  askedMs: number | null;
}

export interface DeployTarget extends ServiceTarget {
  deployment: DeploymentRow;
  /** Railway's id of the deployment that this one repeats or goes back to. */
  ofRailwayId: string | null;
}

/** Asked side by side, because each step of a deployment waits for it. */
export async function loadServiceTarget(tx: TenantTx, saga: Saga, ctx: Ctx): Promise<ServiceTarget> {
  const { organizationId, serviceId } = saga;
  if (serviceId === null) throw new Error('the saga names no service');
  const [service, places, connection, input] = await Promise.all([getServiceById(tx, organizationId, serviceId), readPlaces(tx, saga), usableConnection(ctx, tx, organizationId), readInput(tx, saga)]);
  return { service, ...places, connection, before: input.before ?? null, staleKey: input.stale_key ?? false, askedMs: input.asked_ms ?? null };
}

export async function loadDeployTarget(tx: TenantTx, saga: Saga, ctx: Ctx): Promise<DeployTarget> {
  const [target, deployment, ofRailwayId] = await Promise.all([loadServiceTarget(tx, saga, ctx), loadDeployment(tx, saga), readEarlier(tx, saga)]);
  return { ...target, deployment, ofRailwayId };
}

/** The deployment that the saga carries out. */
export function loadDeployment(tx: TenantTx, saga: Saga): Promise<DeploymentRow> {
  return getDeploymentById(tx, saga.organizationId, deploymentIdOf(saga));
}

function deploymentIdOf(saga: Saga): string {
  const { deployment_id: id } = SagaInput.parse(saga.input);
  if (id === undefined) throw new Error('the saga names no deployment');
  return id;
}

async function readPlaces(tx: TenantTx, { organizationId, projectId }: Saga): Promise<Pick<ServiceTarget, 'projectStatus' | 'railwayProject'>> {
  const [row] = await tx.query<{ status: string; name: string | null; workspace_id: string | null; railway_project_id: string | null }>(
    `select p.status, r.name, r.workspace_id, r.railway_project_id from projects p
       left join railway_projects r on r.organization_id = p.organization_id and r.project_id = p.id
      where p.organization_id = $1 and p.id = $2`,
    [organizationId, projectId],
  );
  if (row === undefined) throw new Error('the project of the saga is not there');
  const { status: projectStatus, name, workspace_id: workspaceId, railway_project_id: id } = row;
  return { projectStatus, railwayProject: name === null || workspaceId === null ? null : { name, workspaceId, id } };
}

/** Read anew for each step: steps write to it, and the saga in hand is as it was when its run began. */
async function readInput(tx: TenantTx, { organizationId, id }: Saga): Promise<z.infer<typeof SagaInput>> {
  const [row] = await tx.query<{ input: unknown }>('select input from sagas where organization_id = $1 and id = $2', [organizationId, id]);
  return SagaInput.parse(row?.input);
}

async function readEarlier(tx: TenantTx, saga: Saga): Promise<string | null> {
  const [of] = await tx.query<{ railway_deployment_id: string | null }>(
    `select o.railway_deployment_id from deployments d join deployments o on o.organization_id = d.organization_id and o.id = d.of_deployment_id
      where d.organization_id = $1 and d.id = $2`,
    [saga.organizationId, deploymentIdOf(saga)],
  );
  return of?.railway_deployment_id ?? null;
}

/** A token that cannot be opened any more is as good as none, and what helps is the same: connecting again. */
async function usableConnection(ctx: Ctx, tx: TenantTx, organizationId: string): Promise<Connection | null> {
  try {
    return await openConnectionIfAny(ctx, tx, organizationId);
  } catch (error) {
    ctx.log.error({ err: error, organization: organizationId }, 'the token of Railway could not be opened');
    return null;
  }
}

type Run<Target extends ServiceTarget> = StepRun<Target>;

/** Railway under the token of the organization, as it was when the step began. */
export function railwayOf(run: Run<ServiceTarget>): Railway {
  const { connection } = run.target;
  if (connection === null) throw new AppError('conflict', 'This organization is not connected to Railway any more. Connect it again, then deploy again.');
  return run.ctx.railway.withToken(connection.token, { retrying: run.retrying });
}

/** Where the service is at Railway, for every step behind the one that makes it. */
export function placeOf({ service }: ServiceTarget): { projectId: string; serviceId: string; environmentId: string } {
  const place = placeAtRailway(service);
  if (place === null) throw new AppError('conflict', 'The app is not at Railway any more. Deploy it again.');
  return place;
}

/** A token that Railway does not accept is noted beside it, so that the pages say so before somebody tries again. */
export function noticing<Target extends ServiceTarget>(step: Step<Target>): Step<Target> {
  return {
    ...step,
    async run(run) {
      try {
        return await step.run(run);
      } catch (error) {
        const { connection } = run.target;
        if (connection !== null && railwayFailureOf(error)?.kind === 'unauthorized') {
          await run.write((tx) =>
            tx.query('update railway_connections set refused_since = coalesce(refused_since, clock_timestamp()) where organization_id = $1 and id = $2', [run.saga.organizationId, connection.id]),
          );
        }
        throw error;
      }
    },
  };
}
