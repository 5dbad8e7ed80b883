import type { TenantTx } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { AppError } from '@/lib/kernel/errors';
import { parseInput } from '@/lib/kernel/parse';
import { audit } from '@/lib/trust/audit/record';
import { getPlacedProject, getProjectRow } from '../internal';
import { mint, recordOrTakeBack, writeIntent } from '../key/mint';
import { defaultScopes } from '../key/scopes';
import { storeKeySecret } from '../key/stored-keys';
import { demandReady } from '../states';
import { environmentViews } from './list-environments';
import { CreateEnvironment, EnvironmentView } from './schemas';

/** Adds an environment with a key of its own and no variables yet. */
export async function createEnvironment(ctx: Ctx, project: string, raw: unknown): Promise<EnvironmentView> {
  const { name } = parseInput(CreateEnvironment, raw);
  const { row, intent } = await within(ctx, { project }, 'key:manage', async (tx, access) => {
    const found = await getProjectRow(tx, access, project);
    demandReady(found.status);
    const { organizationId } = access;
    const [taken] = await tx.query('select 1 from environments where organization_id = $1 and project_id = $2 and name = $3', [organizationId, found.id, name]);
    if (taken !== undefined) throw alreadyThere(name);
    const place = await getPlacedProject(tx, organizationId, found.id);
    // A key of people until the environment is there: should nothing follow, it is taken back like any other.
    const key = { organizationId, projectId: found.id, place, name: `Variables of ${name}`, purpose: 'user', scopes: defaultScopes, expiresAt: null } as const;
    return { row: found, intent: await writeIntent(ctx, tx, key) };
  });
  const secret = await mint(ctx, intent);
  return recordOrTakeBack(ctx, intent, project, async (tx, { organizationId }) => {
    const environmentId = await insertEnvironment(tx, organizationId, row.id, name);
    const [key] = await tx.query(
      `update appwrite_keys set purpose = 'env', environment_id = $3 where organization_id = $1 and id = $2 and state = 'requested' returning id`,
      [organizationId, intent.id, environmentId],
    );
    if (key === undefined) throw new AppError('unavailable', 'Minting the key took too long and was taken back. Try again.');
    await storeKeySecret(ctx, tx, { organizationId, keyRowId: intent.id, secret });
    await audit(ctx, tx, { organizationId, action: 'environment.created', target: { kind: 'project', id: row.public_id, name: row.name }, reason: name });
    const made = (await environmentViews(tx, organizationId, row)).find((view) => view.name === name);
    return EnvironmentView.parse(made);
  });
}

async function insertEnvironment(tx: TenantTx, organizationId: string, projectId: string, name: string): Promise<string> {
  const [made] = await tx.query<{ id: string }>(
    'insert into environments (organization_id, project_id, name) values ($1, $2, $3) on conflict do nothing returning id',
    [organizationId, projectId, name],
  );
  if (made === undefined) throw alreadyThere(name);
  return made.id;
}

function alreadyThere(name: string): AppError {
  return new AppError('conflict', `The project has the environment ${name} already.`);
}
