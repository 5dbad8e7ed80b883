import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { actorId } from '@/lib/kernel/actor';
import { AppError } from '@/lib/kernel/errors';
import { newUuid } from '@/lib/kernel/ids';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import type { ProjectRow } from '../internal';
import type { EnvironmentName } from './schemas';
import { sealedPlace, type Environment, type StoredVariable } from './stored-variables';
import { mostCharacters, mostVariables } from './variable-rules';

/** A variable as it shall be. */
export interface Decided {
  name: string;
  value: string;
  secret: boolean;
  before: StoredVariable | undefined;
  change: 'added' | 'changed' | 'unchanged';
}

export interface Plan {
  decided: Decided[];
  removed: StoredVariable[];
}

interface Target {
  project: ProjectRow;
  name: EnvironmentName;
  environment: Environment;
  /** Where the values come from, when a person gave none. */
  copiedFrom?: EnvironmentName;
}

export function demandRoomFor({ decided, removed }: Plan, stored: readonly StoredVariable[]): void {
  const added = decided.filter(({ change }) => change === 'added').length;
  if (stored.length + added - removed.length > mostVariables) throw new AppError('quota_exceeded', `A project holds at most ${mostVariables} variables. Remove some first.`);
  const touched = new Set([...decided, ...removed].map(({ name }) => name));
  const kept = stored.filter(({ name }) => !touched.has(name)).map(lengthOf);
  const characters = [...decided.map(({ value }) => value.length), ...kept].reduce((sum, length) => sum + length, 0);
  if (characters > mostCharacters) throw new AppError('quota_exceeded', `All values together must not be longer than ${mostCharacters} characters. Keep long texts in the backend's storage.`);
}

/** Of a sealed value what it can be at the most: sealing adds 28 bytes and writes three as four characters. */
function lengthOf({ value, sealed_value: sealed }: StoredVariable): number {
  return value?.length ?? Math.max(0, Math.floor(((sealed?.length ?? 0) * 3) / 4) - 28);
}

/** The names by what becomes of them. */
export function summaryOf({ decided, removed }: Plan): Record<Decided['change'] | 'removed', string[]> {
  const of = (wanted: Decided['change']) => decided.filter(({ change }) => change === wanted).map(({ name }) => name);
  return { added: of('added'), changed: of('changed'), unchanged: of('unchanged'), removed: removed.map(({ name }) => name) };
}

/**
 * Writes a plan as one new version of the manifest, with its entry in the audit log and its event. Answers the version,
 * which stays as it is when the plan changes nothing. The environment must be locked.
 */
export async function carryOut(ctx: Ctx, tx: TenantTx, organizationId: string, { project, name, environment, copiedFrom }: Target, plan: Plan): Promise<number> {
  const { added, changed, removed } = summaryOf(plan);
  const names = Object.entries({ added, changed, removed }).filter(([, each]) => each.length > 0);
  if (names.length === 0) return environment.version;
  await write(ctx, tx, organizationId, environment.id, plan);
  await tx.query('update environments set manifest_version = manifest_version + 1 where organization_id = $1 and id = $2', [organizationId, environment.id]);
  const told = names.map(([what, each]): [string, string] => [what, each.join(', ')]);
  await audit(ctx, tx, {
    organizationId,
    action: copiedFrom === undefined ? 'env.changed' : 'env.copied',
    target: { kind: 'project', id: project.public_id, name: project.name },
    reason: name,
    changes: Object.fromEntries([...(copiedFrom === undefined ? [] : [['copied_from', copiedFrom] as const]), ...told].map(([what, to]) => [what, { from: null, to }])),
  });
  await emitEvent(ctx, tx, { organizationId, type: 'environment.changed', data: { project: { id: project.public_id, name: project.name }, environment: name, ...Object.fromEntries(names) } });
  return environment.version + 1;
}

async function write(ctx: Ctx, tx: TenantTx, organizationId: string, environmentId: string, { decided, removed }: Plan): Promise<void> {
  for (const { name, value, secret, before, change } of decided) {
    if (change === 'unchanged') continue;
    const id = before?.id ?? newUuid(ctx.clock.now().getTime());
    const sealed = secret ? await ctx.vault.seal(tx, organizationId, sealedPlace(id), value) : null;
    await tx.query(
      `insert into environment_variables (organization_id, id, environment_id, name, value, sealed_value, updated_by) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (organization_id, environment_id, name) do update set value = excluded.value, sealed_value = excluded.sealed_value, updated_by = excluded.updated_by, updated_at = now()`,
      [organizationId, id, environmentId, name, secret ? null : value, sealed, actorId(ctx.actor)],
    );
  }
  if (removed.length === 0) return;
  await tx.query('delete from environment_variables where organization_id = $1 and environment_id = $2 and id = any($3)', [
    organizationId, environmentId, removed.map(({ id }) => id),
  ]);
}
