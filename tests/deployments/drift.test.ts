import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { getDrift } from '@/lib/deployments/drift/get-drift';
import { resolveDrift } from '@/lib/deployments/drift/resolve-drift';
import { createHook } from '@/lib/deployments/hook/create-hook';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { previewDeployment } from '@/lib/deployments/preview-deployment';
import { removeService } from '@/lib/deployments/service/remove-service';
import { getService } from '@/lib/deployments/service/get-service';
import { deploymentTasks } from '@/lib/deployments/tasks';
import { railwayHookRoutes } from '@/lib/http/railway-hook';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import { TOKEN } from '../local-cloud/railway/support';
import { stepUp } from '../projects/support';
import { testComposition } from '../support/api';
import { testDeployments, type TestDeployments } from './support/studio';

const source = { kind: 'repository', repository: 'acme/shop' };

describe('variables at Railway', () => {
  let studio: TestDeployments;
  let project: string;

  beforeAll(async () => {
    studio = await testDeployments();
    project = await studio.newProject('Drifting');
    await changeVariables(studio.owner.ctx, project, {
      variables: [{ name: 'GREETING', value: 'hello', secret: false }, { name: 'PASSWORD', value: 'a secret word' }, { name: 'LINES', value: 'one\ntwo "three"', secret: false }, { name: 'ADDRESS', value: 'https://${{RAILWAY_PUBLIC_DOMAIN}}', secret: false }],
    });
    await studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
  });

  afterAll(() => studio.close());

  async function place() {
    const [row] = await studio.raw<{ project: string; environment: string; service: string }>(
      'select r.railway_project_id as project, s.railway_environment_id as environment, s.railway_service_id as service from services s join railway_projects r on r.project_id = s.project_id where s.removed_at is null',
    );
    if (row === undefined) throw new Error('no service');
    return { railway: studio.owner.ctx.railway.withToken(TOKEN), at: { projectId: row.project, environmentId: row.environment, serviceId: row.service } };
  }

  const differences = async () => (await getDrift(studio.owner.ctx, project)).differences.map(({ name, kind }) => `${name} ${kind}`);

  it('are byte for byte what the .env file and the answer of the API say', async () => {
    const { railway, at } = await place();
    const injected = Object.entries(await railway.getVariables(at)).filter(([name]) => !name.startsWith('RAILWAY_'));
    await stepUp(studio);
    const text = await exportEnv(studio.owner.ctx, project);
    const { parseEnv } = await import('node:util');
    expect(parseEnv(text)).toEqual(Object.fromEntries(injected));
    const { variables } = await getEnv(studio.owner.ctx, project);
    expect(variables.map(({ name }) => name).toSorted()).toEqual(injected.map(([name]) => name).toSorted());
    for (const { name, value, secret } of variables) if (!secret) expect(value).toBe(Object.fromEntries(injected)[name]);
  });

  it('do not differ after a deployment, and each way of differing is seen', async () => {
    expect(await differences()).toEqual([]);
    const { railway, at } = await place();
    const held = await railway.getVariables(at);
    const { PASSWORD: _, ...rest } = Object.fromEntries(Object.entries(held).filter(([name]) => !name.startsWith('RAILWAY_')));
    await railway.setVariables(at, { ...rest, GREETING: 'changed at Railway', EXTRA: 'only there' }, { replace: true });
    expect(await differences()).toEqual(['EXTRA extra', 'GREETING changed', 'PASSWORD missing']);
    const drift = await getDrift(studio.owner.ctx, project);
    expect(JSON.stringify(drift)).not.toContain('a secret word');
    expect(JSON.stringify(drift)).not.toContain('only there');
    const { variables } = await previewDeployment(studio.owner.ctx, project);
    expect(variables.filter(({ change }) => change !== 'unchanged').map(({ name, change }) => `${name} ${change}`)).toEqual(['GREETING changed', 'PASSWORD added', 'EXTRA removed']);
  });

  it('are taken over when Railway is kept', async () => {
    const { version } = await getDrift(studio.owner.ctx, project);
    await resolveDrift(studio.owner.ctx, project, { keep: 'railway', version });
    expect(await differences()).toEqual([]);
    const { variables } = await getEnv(studio.owner.ctx, project);
    expect(variables.find(({ name }) => name === 'GREETING')?.value).toBe('changed at Railway');
    expect(variables.find(({ name }) => name === 'EXTRA')?.secret).toBe(true);
    expect(variables.some(({ name }) => name === 'PASSWORD')).toBe(false);
    await expect(resolveDrift(studio.owner.ctx, project, { keep: 'railway', version })).rejects.toThrow('meanwhile');
  });

  it('are set again when Studio is kept, by one write and one deployment', async () => {
    const { railway, at } = await place();
    await railway.setVariables(at, { GREETING: 'changed again', APPWRITE_ENDPOINT: 'https://elsewhere.example.com/v1' }, { replace: false });
    expect(await differences()).toEqual(['APPWRITE_ENDPOINT changed', 'GREETING changed']);
    studio.cloud.faults.clearRequests();
    await resolveDrift(studio.owner.ctx, project, { keep: 'studio', version: (await getDrift(studio.owner.ctx, project)).version });
    const [newest] = (await listDeployments(studio.owner.ctx, project)).data;
    const up = await studio.ended(project, newest?.id ?? '');
    expect(await (await fetch(up.url ?? '')).text()).toBe('changed at Railway');
    expect(await differences()).toEqual([]);
    const calls = studio.cloud.faults.requests.map(({ name }) => name);
    expect(calls.filter((name) => name === 'variableCollectionUpsert')).toHaveLength(1);
    expect(calls.filter((name) => name === 'serviceInstanceDeployV2')).toHaveLength(1);
  });

  it('are looked at again when the webhook of Railway calls, which is believed nothing', async () => {
    const { url } = await createHook(studio.owner.ctx, project);
    const composition = testComposition({ ...studio, organization: studio.newOrganization }, {}, { appwrite: studio.ports.appwrite });
    const hook = railwayHookRoutes(composition);
    const call = (address: string) => hook.request(new URL(address).pathname, { method: 'POST', body: JSON.stringify({ type: 'Deployment.failed', details: { status: 'FAILED' } }) });
    const { railway } = await place();
    const [newest] = (await listDeployments(studio.owner.ctx, project)).data;
    const [row] = await studio.raw<{ railway: string }>('select railway_deployment_id as railway from deployments where public_id = $1', [newest?.id]);
    await railway.stop(row?.railway ?? '');
    for (let n = 0; n < 5; n += 1) expect((await call(url)).status).toBe(204);
    const jobs = await studio.raw<{ payload: unknown }>(`select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'refresh-service'`);
    expect(jobs).toHaveLength(1);
    await deploymentTasks(studio.ports)['refresh-service']?.(jobs[0]?.payload);
    expect((await listDeployments(studio.owner.ctx, project)).data[0]).toMatchObject({ id: newest?.id, live: false });
    const unknown = await call(`${url.slice(0, -4)}xxxx`);
    expect([unknown.status, await unknown.text()]).toEqual([404, expect.not.stringContaining(url.slice(-20, -4))]);
    expect(JSON.stringify(studio.lines)).not.toContain(url.slice(url.lastIndexOf('/') + 1));
  });

  it('go with the app when it is removed, and its history stays', async () => {
    await removeService(studio.owner.ctx, project);
    await studio.settle(async () => (await getService(studio.owner.ctx, project)).service === null);
    const { data } = await listDeployments(studio.owner.ctx, project);
    expect(data.length).toBeGreaterThan(1);
    expect(data.every(({ live, can }) => !live && !can.redeploy && !can.rollback)).toBe(true);
    expect(await getDrift(studio.owner.ctx, project)).toMatchObject({ checked_at: null, differences: [] });
  });
});
