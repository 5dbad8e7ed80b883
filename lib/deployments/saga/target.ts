import { z } from 'zod';
import type { TenantTx } from '@/db/platform/client';
import { railwayFailureOf, type Railway } from '@/lib/adapters/railway/port';
import type { Ctx } from '@/lib/context';
import { AppError } from '@/lib/kernel/errors';
import type { Saga, Step, StepRun } from '@/lib/sagas/definition';
import { openConnectionIfAny, type Connection } from '../connection/stored-connection';
import { getServiceById, placeAtRailway, type ServiceRow } from '../service/stored-service';
import { getDeploymentById, type DeploymentRow } from '../stored-deployments';

/** What a saga keeps in its input: the deployment, those that Railway had before it was asked for a new one, and whether that began with an old key, and which one it gets instead. */
const SagaInput = z.object({ deployment_id: z.uuid().optional(), before: z.array(z.string()).optional(), stale_key: z.boolean().optional(), key_row_id: z.uuid().optional(), asked_ms: z.number().optional() });

/** What the sagas of a service work on. */
export interface ServiceTarget {
  service: ServiceRow;
  projectStatus: string;
  railwayProject: { name: string; workspaceId: string; id: string | null } | null;
  connection: Connection | null;
  /** Why its token could not be opened. */
  connectionFailure: Error | undefined;
  /** Railway's id of the deployment that is repeated or gone back to. */
  ofRailwayId: string | null;
  before: readonly string[] | null;
  staleKey: boolean;
  /** The key that the variables have now, where the app has still to be started with it. */
  nextKeyRowId: string | null;
  /** When Railway was last asked to go back. */
  askedMs: number | null;
}

export interface DeployTarget extends ServiceTarget {
  deployment: DeploymentRow;
}

export async function loadServiceTarget(tx: TenantTx, saga: Saga, ctx: Ctx): Promise<ServiceTarget> {
  const { organizationId, serviceId } = saga;
  if (serviceId === null) throw new Error('the saga names no service');
  const [service, places, opened] = await Promise.all([getServiceById(tx, organizationId, serviceId), readPlaces(tx, saga), openOrTell(ctx, tx, organizationId)]);
  return { service, ...opened, ...places };
}

/** Asked side by side, because each step of a deployment waits for it. */
export async function loadDeployTarget(tx: TenantTx, saga: Saga, ctx: Ctx): Promise<DeployTarget> {
  const [target, deployment] = await Promise.all([loadServiceTarget(tx, saga, ctx), loadDeployment(tx, saga)]);
  return { ...target, deployment };
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

interface PlacesRow {
  status: string;
  name: string | null;
  workspace_id: string | null;
  railway_project_id: string | null;
  input: unknown;
  of_railway_id: string | null;
}

/** The saga's input is read anew for each step: steps write to it, and the saga in hand is as it was when its run began. */
async function readPlaces(tx: TenantTx, { organizationId, id }: Saga): Promise<Omit<ServiceTarget, 'service' | 'connection' | 'connectionFailure'>> {
  const [row] = await tx.query<PlacesRow>(
    `select p.status, r.name, r.workspace_id, r.railway_project_id, g.input, o.railway_deployment_id as of_railway_id
       from sagas g
       join projects p on p.organization_id = g.organization_id and p.id = g.project_id
       left join railway_projects r on r.organization_id = p.organization_id and r.project_id = p.id
       left join deployments d on d.organization_id = g.organization_id and d.id = (g.input->>'deployment_id')::uuid
       left join deployments o on o.organization_id = d.organization_id and o.id = d.of_deployment_id
      where g.organization_id = $1 and g.id = $2`,
    [organizationId, id],
  );
  if (row === undefined) throw new Error('the project of the saga is not there');
  const { status: projectStatus, name, workspace_id: workspaceId, railway_project_id: railwayId, of_railway_id: ofRailwayId } = row;
  const { before = null, stale_key: staleKey = false, key_row_id: nextKeyRowId = null, asked_ms: askedMs = null } = SagaInput.parse(row.input);
  return { projectStatus, railwayProject: name === null || workspaceId === null ? null : { name, workspaceId, id: railwayId }, ofRailwayId, before, staleKey, nextKeyRowId, askedMs };
}

/** A token that cannot be opened is a failure of the step that needs it, not of reading what the step works on. */
async function openOrTell(ctx: Ctx, tx: TenantTx, organizationId: string): Promise<Pick<ServiceTarget, 'connection' | 'connectionFailure'>> {
  try {
    return { connection: await openConnectionIfAny(ctx, tx, organizationId), connectionFailure: undefined };
  } catch (error) {
    return { connection: null, connectionFailure: error instanceof Error ? error : new Error('not an error', { cause: error }) };
  }
}

type Run<Target extends ServiceTarget> = StepRun<Target>;

/** Railway under the token of the organization, as it was when the step began. */
export function railwayOf(run: Run<ServiceTarget>): Railway {
  const { connection, connectionFailure } = run.target;
  if (connectionFailure !== undefined) throw connectionFailure;
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
