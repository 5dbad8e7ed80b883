import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { invalid } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { getProjectRow } from '../internal';
import { demandReady } from '../states';
import { carryOut, demandRoomFor, type Decided } from './planned-variables';
import { CopiedVariables, CopyVariables, OfEnvironment } from './schemas';
import { findEnvironment, listVariables, lockEnvironment, openValue, type StoredVariable } from './stored-variables';
import { isGenerated, valueProblem } from './variable-rules';

/**
 * Copies what people have set in one environment of a project to another, secrets included, as one version. Names that
 * are there already stay as they are; what the backend gives each environment has of its own and is never copied.
 */
export async function copyVariables(ctx: Ctx, project: string, raw: unknown, rawEnvironment: unknown = {}): Promise<CopiedVariables> {
  const { environment: name } = parseInput(OfEnvironment, rawEnvironment);
  const { from } = parseInput(CopyVariables, raw);
  if (from === name) throw invalid('/from', `${from} has its own variables already. Name another environment.`);
  return within(ctx, { project }, 'env:write', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const { organizationId } = access;
    const environment = await lockEnvironment(tx, organizationId, row.id, name);
    const source = await findEnvironment(tx, organizationId, row.id, from);
    const theirs = source === null ? [] : await listVariables(tx, organizationId, source.id);
    const stored = await listVariables(tx, organizationId, environment.id);
    const held = new Set(stored.map((variable) => variable.name));
    const stays = (each: StoredVariable) => held.has(each.name) || isGenerated(each.name);
    const decided: Decided[] = [];
    for (const variable of theirs.filter((each) => !stays(each))) {
      const wanted = { name: variable.name, value: await openValue(ctx, tx, organizationId, variable), secret: variable.sealed_value !== null };
      // It may have been set under rules of earlier versions.
      const wrong = valueProblem(wanted);
      if (wrong !== null) throw invalid('/from', `${wrong} It was set in ${from}; change it there first.`);
      decided.push({ ...wanted, before: undefined, change: 'added' });
    }
    const plan = { decided, removed: [] };
    demandRoomFor(plan, stored);
    return CopiedVariables.parse({
      copied: decided.map((variable) => variable.name),
      skipped: theirs.filter(stays).map((each) => each.name),
      version: await carryOut(ctx, tx, organizationId, { project: row, name, environment, copiedFrom: from }, plan),
    });
  });
}
