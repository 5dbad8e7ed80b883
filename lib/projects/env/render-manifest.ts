import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { AppError } from '@/lib/kernel/errors';
import { getPlacedProject } from '../internal';
import { findEnvKey, openKeySecret } from '../key/stored-keys';
import { keyVariable, openVariables, type Variable } from './manifest';
import type { EnvironmentName } from './schemas';
import { findEnvironment, keyOwner, listVariables, openValue } from './stored-variables';

export interface ManifestVariable extends Variable<string> {
  source: 'generated' | 'user';
}

/** Everything that an app of one environment gets, secrets opened: for the work that injects it, never for an answer. */
export interface Manifest {
  version: number;
  /** The row uuid of the key among the variables. */
  keyRowId: string;
  variables: ManifestVariable[];
}

/** The same before the server is asked where it is reached, which is done outside any transaction. */
export interface StoredManifest {
  version: number;
  keyRowId: string;
  apiKey: string;
  appwriteProjectId: string;
  instanceId: string;
  own: ManifestVariable[];
}

/** `conflict` when the environment has no key yet. */
export async function readManifest(ctx: Ctx, tx: TenantTx, at: { organizationId: string; projectId: string; environment: EnvironmentName }): Promise<StoredManifest> {
  const { organizationId, projectId, environment: name } = at;
  const environment = await findEnvironment(tx, organizationId, projectId, name);
  const [key, { appwriteProjectId, instanceId }, rows] = await Promise.all([
    findEnvKey(tx, organizationId, projectId, keyOwner(environment, name)),
    getPlacedProject(tx, organizationId, projectId),
    environment === null ? [] : listVariables(tx, organizationId, environment.id),
  ]);
  if (key?.sealed_secret == null) throw new AppError('conflict', 'The project has no key for its variables. Rotate or create one first.');
  const apiKey = await openKeySecret(ctx, tx, organizationId, { id: key.id, sealed_secret: key.sealed_secret });
  const own: ManifestVariable[] = [];
  for (const row of rows) {
    own.push({ name: row.name, secret: row.sealed_value !== null, value: await openValue(ctx, tx, organizationId, row), source: 'user' });
  }
  return { version: environment?.version ?? 0, keyRowId: key.id, apiKey, appwriteProjectId, instanceId, own };
}

export async function renderManifest(ctx: Ctx, { version, keyRowId, apiKey, appwriteProjectId, instanceId, own }: StoredManifest): Promise<Manifest> {
  const { publicEndpoint } = await ctx.appwrite.byId(instanceId);
  const open: ManifestVariable[] = openVariables({ endpoint: publicEndpoint, appwriteProjectId }).map((variable) => ({ ...variable, source: 'generated' }));
  return { version, keyRowId, variables: [...open, { name: keyVariable, secret: true, value: apiKey, source: 'generated' }, ...own] };
}

/** The row uuid of the key that the environment's variables carry now; null where there is none. */
export async function currentKey(tx: TenantTx, { organizationId, projectId, environment: name }: { organizationId: string; projectId: string; environment: EnvironmentName }): Promise<string | null> {
  const environment = await findEnvironment(tx, organizationId, projectId, name);
  return (await findEnvKey(tx, organizationId, projectId, keyOwner(environment, name)))?.id ?? null;
}
