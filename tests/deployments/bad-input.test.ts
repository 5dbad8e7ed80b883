import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRailway } from '@/lib/deployments/connection/connect-railway';
import { getRailway } from '@/lib/deployments/connection/get-railway';
import { createDeployment } from '@/lib/deployments/create-deployment';
import { listDeployments } from '@/lib/deployments/list-deployments';
import { readLogs } from '@/lib/deployments/log/read-logs';
import type { DeploymentDetail } from '@/lib/deployments/schemas';
import { isAppError } from '@/lib/kernel/errors';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { OTHER_TOKEN, TOKEN } from '../local-cloud/railway/support';
import { app, testDeployments, type TestDeployments } from './support/studio';

const shop = { kind: 'repository', repository: 'acme/shop' };

describe('what cannot be deployed', () => {
  let studio: TestDeployments;

  beforeAll(async () => {
    studio = await testDeployments();
  });

  afterAll(() => studio.close());

  async function outcome(source: object, name: string): Promise<DeploymentDetail> {
    const project = await studio.newProject(name);
    return studio.ended(project, (await createDeployment(studio.owner.ctx, project, { source })).id);
  }

  /** Pointers of what was refused before anything was written. */
  async function refused(call: Promise<unknown>): Promise<string[]> {
    try {
      await call;
    } catch (error) {
      if (isAppError(error)) return (error.errors ?? []).map(({ pointer }) => pointer);
      throw error;
    }
    throw new Error('it was accepted');
  }

  it.each([
    ['no source at all', {}, '/source'],
    ['a repository of three parts', { source: { ...shop, repository: 'a/b/c' } }, '/source/repository'],
    ['a repository elsewhere', { source: { ...shop, repository: 'https://gitlab.example.com/a/b' } }, '/source/repository'],
    ['a branch that is an option', { source: { ...shop, branch: '--upload-pack=x' } }, '/source/branch'],
    ['a folder outside', { source: { ...shop, root_directory: '../..' } }, '/source/root_directory'],
    ['a command of two lines', { source: { ...shop, start_command: 'a\nb' } }, '/source/start_command'],
    ['a health path with a query', { source: { ...shop, healthcheck_path: '/ok?x=1' } }, '/source/healthcheck_path'],
    ['an image in capitals', { source: { kind: 'image', image: 'Nginx; rm -rf /' } }, '/source/image'],
    ['an environment that is none', { environment: 'prod', source: shop }, '/environment'],
    ['a field that nobody knows', { source: { ...shop, repo: 'x' } }, '/source/repo'],
  ])('%s is refused by name, and nothing is written', async (_, input, pointer) => {
    const project = await studio.newProject('Refusing');
    expect(await refused(createDeployment(studio.owner.ctx, project, input))).toEqual([pointer]);
    expect((await listDeployments(studio.owner.ctx, project)).data).toEqual([]);
    expect(await studio.raw('select 1 from services s join projects p on p.id = s.project_id where p.public_id = $1', [project])).toEqual([]);
  });

  it('takes the address of a repository as it is copied', async () => {
    const up = await outcome({ ...shop, repository: ' https://github.com/acme/shop.git ' }, 'Pasted');
    expect([up.status, up.source]).toEqual(['SUCCESS', 'acme/shop']);
  });

  it.each([
    ['a repository that does not exist', { ...shop, repository: 'acme/nothing' }, /repository|build log/],
    ['an image, where none can be run', { kind: 'image', image: 'docker.io/library/nginx:1.29' }, /image|build log/],
  ])('%s says so', async (name, source, words) => {
    const failed = await outcome(source, name);
    expect([failed.status, failed.live]).toEqual(['FAILED', false]);
    expect(failed.reason).toMatch(words);
    expect(failed.reason).not.toMatch(/GraphQL|Error:|undefined|127\.0\.0\.1/);
  });

  it('an app that never listens is told from one that crashes', async () => {
    await studio.cloud.push('acme/deaf', { ...app('1'), 'server.mjs': 'setInterval(() => undefined, 1000); console.log("I hear nothing");\n' });
    await studio.cloud.push('acme/fallen', { ...app('1'), 'server.mjs': 'console.log("about to fall"); throw new Error("it fell");\n' });
    const deaf = await outcome({ ...shop, repository: 'acme/deaf' }, 'Deaf');
    expect([deaf.status, deaf.live]).toEqual(['FAILED', false]);
    expect(deaf.reason).toMatch(/PORT/);
    const fallen = await outcome({ ...shop, repository: 'acme/fallen' }, 'Fallen');
    expect(fallen.status).toMatch(/^(FAILED|CRASHED)$/);
    const { lines } = await readLogs(studio.owner.ctx, fallen.project_id, fallen.id, { kind: 'runtime' });
    expect(lines.some(({ message }) => message.includes('it fell'))).toBe(true);
  });

  it('an app that floods its log comes up, and a bounded part of it is kept', async () => {
    await studio.cloud.push('acme/flood', { ...app('1'), 'server.mjs': `for (let n = 0; n < 1_000_000; n += 1) process.stdout.write('line ' + n + ' \\u0000\\n');\n${app('"dry"')['server.mjs'] ?? ''}` });
    const up = await outcome({ ...shop, repository: 'acme/flood' }, 'Flood');
    expect([up.status, up.reason]).toEqual(['SUCCESS', null]);
    const kept = await studio.raw<{ bytes: number; lines: number }>(
      `select sum(length(lines::text))::int as bytes, sum(jsonb_array_length(lines))::int as lines from deployment_logs l join deployments d on d.id = l.deployment_id where d.public_id = $1 and l.kind = 'runtime'`, [up.id],
    );
    expect(kept[0]?.lines).toBeLessThanOrEqual(2_000);
    expect(kept[0]?.bytes).toBeLessThan(2_000_000);
    const view = await readLogs(studio.owner.ctx, up.project_id, up.id, { kind: 'runtime', limit: 100 });
    expect([view.lines.length, view.cut]).toEqual([100, true]);
  });

  it('a wrong token is refused before it is kept, and the connection stays as it was', async () => {
    const before = await getRailway(studio.owner.ctx, studio.organization.id);
    expect(await refused(connectRailway(studio.owner.ctx, studio.organization.id, { token: 'not-a-token-of-anybody' }))).toEqual(['/token']);
    expect(await refused(connectRailway(studio.owner.ctx, studio.organization.id, { token: TOKEN, workspace_id: 'somewhere else' }))).toEqual(['/workspace_id']);
    expect(await getRailway(studio.owner.ctx, studio.organization.id)).toEqual(before);
  });

  it('a project that lives in another workspace waits for that one', async () => {
    const up = await outcome(shop, 'Settled');
    await connectRailway(studio.owner.ctx, studio.organization.id, { token: OTHER_TOKEN });
    await expect(createDeployment(studio.owner.ctx, up.project_id, {})).rejects.toThrow('another workspace');
    await connectRailway(studio.owner.ctx, studio.organization.id, { token: TOKEN });
    await changeVariables(studio.owner.ctx, up.project_id, { variables: [{ name: 'GREETING', value: 'back' }] });
    const again = await studio.ended(up.project_id, (await createDeployment(studio.owner.ctx, up.project_id, {})).id);
    expect(again.status).toBe('SUCCESS');
  });

  it('two at once are one and a refusal', async () => {
    const project = await studio.newProject('Twice');
    const both = await Promise.allSettled([1, 2].map(() => createDeployment(studio.owner.ctx, project, { source: shop })));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [lost] = both.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(isAppError(lost) && lost.message).toMatch(/under way/);
    expect((await listDeployments(studio.owner.ctx, project)).data).toHaveLength(1);
  });
});
