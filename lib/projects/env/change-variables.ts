import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { actorId } from '@/lib/kernel/actor';
import { AppError, invalid } from '@/lib/kernel/errors';
import { newUuid } from '@/lib/kernel/ids';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { emitEvent } from '@/lib/webhooks/emit';
import { getProjectRow } from '../internal';
import { demandReady } from '../states';
import { ChangeVariables, OfEnvironment, VariableChanges } from './schemas';
import { findEnvironment, listVariables, lockEnvironment, openValue, sealedPlace, type StoredVariable } from './stored-variables';
import { isPublicName, mostCharacters, mostVariables, valueProblem } from './variable-rules';
import { wantedVariables, type WantedVariable } from './wanted-variables';

/** A variable as it shall be. */
interface Decided {
  name: string;
  value: string;
  secret: boolean;
  before: StoredVariable | undefined;
  change: 'added' | 'changed' | 'unchanged';
}

interface Plan {
  decided: Decided[];
  removed: StoredVariable[];
}

/**
 * Sets and removes variables of a project in one transaction, from a list or from the text of a `.env` file. With
 * `preview` it answers what would change and changes nothing. Values never reach the audit log; names do.
 */
export async function changeVariables(ctx: Ctx, project: string, raw: unknown, rawEnvironment: unknown = {}): Promise<VariableChanges> {
  const { environment: name } = parseInput(OfEnvironment, rawEnvironment);
  const input = parseInput(ChangeVariables, raw);
  const { wanted, protectedNames } = wantedVariables(input);
  return within(ctx, { project }, 'env:write', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const { organizationId } = access;
    const environment = input.preview ? await findEnvironment(tx, organizationId, row.id, name) : await lockEnvironment(tx, organizationId, row.id, name);
    const version = environment?.version ?? 0;
    if (input.version !== undefined && input.version !== version) throw new AppError('conflict', 'Somebody changed the variables meanwhile. Look at them again, then repeat your change.');
    const stored = environment === null ? [] : await listVariables(tx, organizationId, environment.id);
    const plan = await decide(ctx, tx, organizationId, { stored, wanted, input });
    demandRoomFor(plan, stored);
    const changes = VariableChanges.parse({ ...summary(plan), protected: protectedNames, version });
    if (input.preview || environment === null || !changesAnything(changes)) return changes;
    await write(ctx, tx, organizationId, environment.id, plan);
    await tx.query('update environments set manifest_version = manifest_version + 1 where organization_id = $1 and id = $2', [organizationId, environment.id]);
    await audit(ctx, tx, {
      organizationId,
      action: 'env.changed',
      target: { kind: 'project', id: row.public_id, name: row.name },
      reason: name,
      changes: Object.fromEntries(named(changes).map(([what, names]) => [what, { from: null, to: names.join(', ') }])),
    });
    await emitEvent(ctx, tx, { organizationId, type: 'environment.changed', data: { project: { id: row.public_id, name: row.name }, environment: name, ...Object.fromEntries(named(changes)) } });
    return { ...changes, version: version + 1 };
  });
}

async function decide(
  ctx: Ctx,
  tx: TenantTx,
  organizationId: string,
  { stored, wanted, input }: { stored: readonly StoredVariable[]; wanted: readonly WantedVariable[]; input: ChangeVariables },
): Promise<Plan> {
  const decided: Decided[] = [];
  for (const [index, { name, value: given, secret: marked }] of wanted.entries()) {
    const before = stored.find((variable) => variable.name === name);
    const current = before === undefined ? undefined : await openValue(ctx, tx, organizationId, before);
    const value = given ?? current;
    if (value === undefined) throw invalid(`/variables/${index}/value`, `${name} is new and needs a value.`);
    const wasSecret = before?.sealed_value != null;
    const secret = marked ?? (before === undefined ? !isPublicName(name) : wasSecret);
    // A secret that somebody unmarks would become readable to everybody who sees the project.
    if (wasSecret && !secret && given === undefined) throw invalid(`/variables/${index}/value`, `${name} is a secret. Give its value again to make it readable.`);
    const wrong = valueProblem({ name, value, secret });
    if (wrong !== null) throw invalid(`/variables/${index}/secret`, wrong);
    const same = before !== undefined && value === current && secret === wasSecret;
    decided.push({ name, value, secret, before, change: before === undefined ? 'added' : same ? 'unchanged' : 'changed' });
  }
  const kept = new Set(decided.map(({ name }) => name));
  const removed = stored.filter(({ name }) => !kept.has(name) && (input.replace || input.remove.includes(name)));
  return { decided, removed };
}

function demandRoomFor({ decided, removed }: Plan, stored: readonly StoredVariable[]): void {
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

function summary({ decided, removed }: Plan): Omit<VariableChanges, 'protected' | 'version'> {
  const of = (wanted: Decided['change']) => decided.filter(({ change }) => change === wanted).map(({ name }) => name);
  return { added: of('added'), changed: of('changed'), unchanged: of('unchanged'), removed: removed.map(({ name }) => name) };
}

function named({ added, changed, removed }: VariableChanges): [string, string[]][] {
  return Object.entries({ added, changed, removed }).filter(([, names]) => names.length > 0);
}

function changesAnything(changes: VariableChanges): boolean {
  return named(changes).length > 0;
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
