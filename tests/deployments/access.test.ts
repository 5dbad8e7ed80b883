import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ctx } from '@/lib/context';
import { cancelDeployment, restartDeployment, stopDeployment } from '@/lib/deployments/act-on-deployment';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { disconnectRailway } from '@/lib/deployments/connection/disconnect-railway';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { listWorkspaces } from '@/lib/deployments/connection/list-workspaces';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { getDrift } from '@/lib/deployments/drift/get-drift';
import { resolveDrift } from '@/lib/deployments/drift/resolve-drift';
import { getDeployment } from '@/lib/deployments/get-deployment';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { createHook } from '@/lib/deployments/hook/create-hook';
import { getHook } from '@/lib/deployments/hook/get-hook';
import { removeHook } from '@/lib/deployments/hook/remove-hook';
import { followLogs } from '@/lib/deployments/log/follow-logs';
import { downloadLogs, readLogs } from '@/lib/deployments/log/read-logs';
import { previewDeployment } from '@/lib/deployments/preview-deployment';
import { redeploy, rollback } from '@/lib/deployments/repeat-deployment';
import { getService } from '@/lib/deployments/service/get-service';
import { removeService } from '@/lib/deployments/service/remove-service';
import { rightsOf, roles, type Right, type Role } from '@/lib/identity/access/policy';
import { newPublicId } from '@/lib/kernel/ids';
import { TOKEN } from '../local-cloud/railway/support';
import { attempt } from '../projects/support';
import { testDeployments, type TestDeployments } from './support/studio';

interface Place {
  organization: string;
  project: string;
  deployment: string;
}

const source = { kind: 'repository', repository: 'acme/shop' };

/** Every verb of the wing that a door calls, and the right that it needs. */
const verbs: [name: string, right: Right, call: (ctx: Ctx, place: Place) => Promise<unknown>][] = [
  ['getRailway', 'deployment:read', (ctx, { organization }) => getRailway(ctx, organization)],
  ['listWorkspaces', 'railway:manage', (ctx, { organization }) => listWorkspaces(ctx, organization, { token: TOKEN })],
  ['connectRailway', 'railway:manage', (ctx, { organization }) => connectRailway(ctx, organization, { token: TOKEN })],
  ['getService', 'deployment:read', (ctx, { project }) => getService(ctx, project)],
  ['listDeployments', 'deployment:read', (ctx, { project }) => listDeployments(ctx, project)],
  ['getDeployment', 'deployment:read', (ctx, { project, deployment }) => getDeployment(ctx, project, deployment)],
  ['readLogs', 'deployment:read', (ctx, { project, deployment }) => readLogs(ctx, project, deployment)],
  ['downloadLogs', 'deployment:read', (ctx, { project, deployment }) => downloadLogs(ctx, project, deployment)],
  ['followLogs', 'deployment:read', (ctx, { project, deployment }) => first(followLogs(ctx, project, deployment, {}, AbortSignal.timeout(5_000)))],
  ['previewDeployment', 'env:read', (ctx, { project }) => previewDeployment(ctx, project)],
  ['getDrift', 'env:read', (ctx, { project }) => getDrift(ctx, project)],
  ['resolveDrift', 'deployment:write', (ctx, { project }) => resolveDrift(ctx, project, { keep: 'railway', version: 0 })],
  ['restartDeployment', 'deployment:write', (ctx, { project, deployment }) => restartDeployment(ctx, project, deployment)],
  ['cancelDeployment', 'deployment:write', (ctx, { project, deployment }) => cancelDeployment(ctx, project, deployment)],
  ['redeploy', 'deployment:write', (ctx, { project, deployment }) => redeploy(ctx, project, deployment)],
  ['rollback', 'deployment:write', (ctx, { project, deployment }) => rollback(ctx, project, deployment)],
  ['createDeployment', 'deployment:write', (ctx, { project }) => createDeployment(ctx, project, { source })],
  ['stopDeployment', 'deployment:write', (ctx, { project, deployment }) => stopDeployment(ctx, project, deployment)],
  ['removeService', 'deployment:write', (ctx, { project }) => removeService(ctx, project)],
  ['getHook', 'deployment:read', (ctx, { project }) => getHook(ctx, project)],
  ['createHook', 'deployment:write', (ctx, { project }) => createHook(ctx, project)],
  ['removeHook', 'deployment:write', (ctx, { project }) => removeHook(ctx, project)],
  ['disconnectRailway', 'railway:manage', (ctx, { organization }) => disconnectRailway(ctx, organization)],
];

/** Those that name one. */
const onDeployments = new Set(['getDeployment', 'readLogs', 'downloadLogs', 'followLogs', 'restartDeployment', 'cancelDeployment', 'redeploy', 'rollback', 'stopDeployment']);

async function first<Item>(items: AsyncGenerator<Item>): Promise<unknown> {
  const { value } = await items.next();
  await items.return(undefined);
  return value;
}

describe('verbs of deployments', () => {
  let studio: TestDeployments;
  let place: Place;
  const people = new Map<Role, Ctx>();
  let stranger: Ctx;

  beforeAll(async () => {
    studio = await testDeployments();
    const project = await studio.newProject();
    const { id } = await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
    place = { organization: studio.organization.id, project, deployment: id };
    for (const role of roles) {
      const person = await studio.person();
      await studio.join(studio.organization, person, role);
      people.set(role, person.ctx);
    }
    const other = await studio.person();
    await studio.newOrganization(other);
    stranger = other.ctx;
  });

  afterAll(() => studio.close());

  const counts = () =>
    studio.raw<Record<string, unknown>>(`select (select count(*) from deployments) as deployments, (select count(*) from sagas) as sagas, (select count(*) from railway_connections) as connections,
      (select count(*) from audit_logs where outcome = 'allowed') as allowed`);

  it.each(verbs)('%s needs %s: whoever lacks it is refused and leaves nothing, a stranger finds nothing', async (_, right, call) => {
    const before = await counts();
    for (const role of roles.filter((each) => !rightsOf[each].has(right))) {
      const ctx = people.get(role);
      if (ctx === undefined) throw new Error(`nobody is ${role}`);
      expect(await attempt(call(ctx, place)), role).toBe('forbidden');
    }
    expect(await attempt(call(stranger, place))).toBe('not_found');
    expect(await attempt(call(studio.ctx({ kind: 'anonymous' }), place))).toBe('unauthenticated');
    expect(await counts()).toEqual(before);
  });

  it.each(verbs.filter(([name]) => onDeployments.has(name)))('%s finds nothing under a made-up deployment, and another project hides this one', async (name, __, call) => {
    expect(await attempt(call(studio.owner.ctx, { ...place, deployment: newPublicId('deployment') })), name).toBe('not_found');
    const other = await studio.newProject(`Other ${name}`);
    expect(await attempt(call(studio.owner.ctx, { ...place, project: other })), name).toBe('not_found');
  });

  it('shows the token of Railway in no answer, no log line and no row', async () => {
    const answer = await getRailway(studio.owner.ctx, place.organization);
    expect(answer).toMatchObject({ connection: { account: expect.any(String), refused_since: null }, local_available: true });
    const rows = await studio.raw<{ row: string }>('select c::text as row from railway_connections c union all select a::text from audit_logs a union all select s::text from sagas s');
    for (const text of [JSON.stringify(answer), JSON.stringify(studio.lines), ...rows.map(({ row }) => row)]) expect(text).not.toContain(TOKEN);
  });
});
