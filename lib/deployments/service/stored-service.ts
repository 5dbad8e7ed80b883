import type { TenantTx } from '@/db/platform/client';
import { notFound } from '@/lib/kernel/errors';
import type { EnvironmentName } from '@/lib/projects/env/schemas';
import { ServiceView } from './schemas';
import type { Source } from './source';

export interface ServiceRow {
  id: string;
  public_id: string;
  project_id: string;
  project_public_id: string;
  environment: EnvironmentName;
  source_kind: 'repository' | 'image';
  source: string;
  branch: string | null;
  root_directory: string | null;
  build_command: string | null;
  start_command: string | null;
  healthcheck_path: string | null;
  railway_name: string;
  railway_environment_id: string | null;
  railway_service_id: string | null;
  connected_source: string | null;
  railway_project_id: string | null;
  url: string | null;
  busy: boolean;
  removed: boolean;
  created_at: Date;
}

const serviceQuery = `
  select s.id, s.public_id, s.project_id, p.public_id as project_public_id, s.environment, s.source_kind, s.source, s.branch, s.root_directory,
         s.build_command, s.start_command, s.healthcheck_path, s.railway_name, s.railway_environment_id, s.railway_service_id, s.connected_source, r.railway_project_id, s.url, s.created_at, s.removed_at is not null as removed,
         exists (select from sagas g where g.organization_id = s.organization_id and g.service_id = s.id and g.state in ('running', 'undoing')) as busy
    from services s
    join projects p on p.organization_id = s.organization_id and p.id = s.project_id
    left join railway_projects r on r.organization_id = s.organization_id and r.project_id = s.project_id
   where s.organization_id = $1`;

/** The app of an environment that has not been removed; null when there is none. */
export async function findService(tx: TenantTx, organizationId: string, projectId: string, environment: EnvironmentName): Promise<ServiceRow | null> {
  const [row] = await tx.query<ServiceRow>(`${serviceQuery} and s.project_id = $2 and s.environment = $3 and s.removed_at is null`, [organizationId, projectId, environment]);
  return row ?? null;
}

/** Locked for the rest of the transaction. */
export async function lockService(tx: TenantTx, organizationId: string, projectId: string, environment: EnvironmentName): Promise<ServiceRow | null> {
  const [row] = await tx.query<ServiceRow>(`${serviceQuery} and s.project_id = $2 and s.environment = $3 and s.removed_at is null for update of s`, [organizationId, projectId, environment]);
  return row ?? null;
}

export async function getServiceById(tx: TenantTx, organizationId: string, id: string): Promise<ServiceRow> {
  const [row] = await tx.query<ServiceRow>(`${serviceQuery} and s.id = $2`, [organizationId, id]);
  if (row === undefined) throw notFound('app');
  return row;
}

/** Locked for the rest of the transaction, behind its project as by every verb. */
export async function lockServiceById(tx: TenantTx, organizationId: string, id: string): Promise<ServiceRow> {
  await tx.query('select from projects where organization_id = $1 and id = (select project_id from services where organization_id = $1 and id = $2) for key share', [organizationId, id]);
  await tx.query('select from services where organization_id = $1 and id = $2 for update', [organizationId, id]);
  return getServiceById(tx, organizationId, id);
}

export function toServiceView(row: ServiceRow, exampleRepository: string | null): ServiceView {
  return ServiceView.parse({
    id: row.public_id,
    project_id: row.project_public_id,
    environment: row.environment,
    source: {
      kind: row.source_kind === 'repository' && row.source === exampleRepository ? 'example' : row.source_kind,
      name: row.source,
      branch: row.branch,
      root_directory: row.root_directory,
      build_command: row.build_command,
      start_command: row.start_command,
      healthcheck_path: row.healthcheck_path,
    },
    url: row.url,
    busy: row.busy,
    created_at: row.created_at.toISOString(),
  });
}

/** Where the service is at Railway; null until all of it has been made there. */
export function placeAtRailway({ railway_project_id: projectId, railway_service_id: serviceId, railway_environment_id: environmentId }: ServiceRow): { projectId: string; serviceId: string; environmentId: string } | null {
  return projectId === null || serviceId === null || environmentId === null ? null : { projectId, serviceId, environmentId };
}

/** The columns of `services` that a source fills, in their order below. */
export function sourceColumns(source: Source, exampleRepository: string | null): (string | null)[] {
  switch (source.kind) {
    case 'repository':
      return ['repository', source.repository, source.branch, source.root_directory, source.build_command, source.start_command, source.healthcheck_path];
    case 'image':
      return ['image', source.image, null, null, source.build_command, source.start_command, source.healthcheck_path];
    case 'example':
      return ['repository', exampleRepository, 'main', null, null, null, '/health'];
  }
}
