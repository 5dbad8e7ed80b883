import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError, invalid } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { getProjectRow } from '../internal';
import { demandReady } from '../states';
import { carryOut, demandRoomFor, summaryOf, type Decided, type Plan } from './planned-variables';
import { ChangeVariables, OfEnvironment, VariableChanges } from './schemas';
import { findEnvironment, listVariables, lockEnvironment, openValue, type StoredVariable } from './stored-variables';
import { isPublicName, valueProblem } from './variable-rules';
import { wantedVariables, type WantedVariable } from './wanted-variables';

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
    const answer = (now: number) => VariableChanges.parse({ ...summaryOf(plan), protected: protectedNames, version: now });
    if (input.preview || environment === null) return answer(version);
    return answer(await carryOut(ctx, tx, organizationId, { project: row, name, environment }, plan));
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
