import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { getPlacedProject, getProjectRow } from '../internal';
import { findEnvKey } from '../key/stored-keys';
import { demandReady } from '../states';
import { keyVariable, openVariables } from './manifest';
import { EnvView, OfEnvironment, type VariableView } from './schemas';
import { findEnvironment, keyOwner, listVariables, type StoredVariable } from './stored-variables';
import { refersToRailway } from './variable-rules';

/** The variables of a project in one environment. A secret shows its last four characters when Studio gave it, and never its value. */
export async function getEnv(ctx: Ctx, project: string, raw: unknown = {}): Promise<EnvView> {
  const { environment: name } = parseInput(OfEnvironment, raw);
  const { source, lastFour, stored, version } = await within(ctx, { project }, 'env:read', async (tx, access) => {
    const row = await getProjectRow(tx, access, project);
    demandReady(row.status);
    const { organizationId } = access;
    const environment = await findEnvironment(tx, organizationId, row.id, name);
    const key = await findEnvKey(tx, organizationId, row.id, keyOwner(environment, name));
    return {
      source: await getPlacedProject(tx, organizationId, row.id),
      lastFour: key?.last_four ?? null,
      stored: environment === null ? [] : await listVariables(tx, organizationId, environment.id),
      version: environment?.version ?? 0,
    };
  });
  const { publicEndpoint } = await ctx.appwrite.byId(source.instanceId);
  const open = openVariables({ endpoint: publicEndpoint, appwriteProjectId: source.appwriteProjectId });
  const generated = { source: 'generated', updated_at: null, updated_by: null } as const;
  return EnvView.parse({
    variables: [
      ...open.map(({ name, secret, value }) => ({ ...generated, name, secret, value, preview: value })),
      { ...generated, name: keyVariable, secret: true, value: null, preview: lastFour === null ? 'not minted yet' : `standard_…${lastFour}` },
      ...stored.map(toView),
    ],
    version,
  });
}

function toView({ name, value, updated_at: updatedAt, updater }: StoredVariable): VariableView {
  const source = value !== null && refersToRailway(value) ? 'reference' : 'user';
  return { name, secret: value === null, source, value, preview: value === null ? 'set, and shown to nobody' : shortened(value), updated_at: updatedAt.toISOString(), updated_by: updater };
}

function shortened(value: string): string {
  const [first = ''] = value.split('\n', 1);
  return first === value && value.length <= 200 ? value : `${first.slice(0, 200)}…`;
}
