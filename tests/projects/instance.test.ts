import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createProject } from '@/lib/projects/create-project';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { registerInstance } from '@/lib/projects/instance/register-instance';
import { listKeys } from '@/lib/projects/key/list-keys';
import { createProjectTasks } from '@/lib/projects/tasks';
import { listProjects } from '../support/list-projects';
import { withClient } from '../support/postgres';
import { attempt, readyProject, testAppwrite, testProjects, type TestAppwrite, type TestProjects } from './support';

let studio: TestProjects;
let second: TestAppwrite;

beforeAll(async () => {
  studio = await testProjects();
  second = await testAppwrite();
});

afterEach(() => {
  studio.appwrite.standIn.faults.clear();
  studio.passTime(120_000);
});

afterAll(async () => {
  await studio.close();
  await second.close();
});

async function instanceOf(project: string): Promise<string | undefined> {
  const [row] = await studio.raw<{ instance_id: string }>(
    `select a.instance_id from appwrite_projects a join projects p on p.id = a.project_id where p.public_id = $1 and a.state = 'live'`, [project],
  );
  return row?.instance_id;
}

describe('an Appwrite server', () => {
  it('is registered once, with an address that ends in /v1, and moves its public one', async () => {
    const plain = studio.appwrite.url.replace(/\/v1$/, '/');
    expect(await registerInstance(studio.ports, { endpoint: plain, public_endpoint: 'https://appwrite.example.com' })).toBe(studio.instanceId);
    const rows = await studio.raw('select endpoint, public_endpoint, isolation, capacity from appwrite_instances');
    expect(rows).toEqual([{ endpoint: studio.appwrite.url, public_endpoint: 'https://appwrite.example.com/v1', isolation: 'namespace', capacity: 1_000 }]);
    await registerInstance(studio.ports, { endpoint: plain });
  });

  it('takes on a changed capacity and isolation; what is not given stays', async () => {
    const described = async () => (await studio.raw('select isolation, capacity from appwrite_instances where id = $1', [studio.instanceId]))[0];
    await registerInstance(studio.ports, { endpoint: studio.appwrite.url, capacity: 7 });
    expect(await described()).toEqual({ isolation: 'namespace', capacity: 7 });
    await registerInstance(studio.ports, { endpoint: studio.appwrite.url });
    expect(await described()).toEqual({ isolation: 'namespace', capacity: 7 });
    await registerInstance(studio.ports, { endpoint: studio.appwrite.url, isolation: 'shared' });
    expect(await described()).toEqual({ isolation: 'shared', capacity: 10_000 });
    await registerInstance(studio.ports, { endpoint: studio.appwrite.url, isolation: 'namespace', capacity: 1_000 });
    expect(await described()).toEqual({ isolation: 'namespace', capacity: 1_000 });
  });

  it('is registered by a worker that starts while another one stands still over its row', async () => {
    const env = { STUDIO_MODE: 'local', STUDIO_URL: 'http://127.0.0.1:1', APPWRITE_PLATFORM_ENDPOINT: studio.appwrite.url, APPWRITE_PLATFORM_ISOLATION: 'namespace' } as const;
    await withClient(studio.urls.ownerUrl, async (still) => {
      await still.query('begin');
      await still.query('select from appwrite_instances for update');
      const starting = createProjectTasks({ ports: studio.ports, env }, {});
      // Longer than a lock is waited for.
      await sleep(5_500);
      await still.query('commit');
      expect(Object.keys(await starting)).toContain('run-saga');
    });
  });

  it('that is the stand-in keeps its row and its projects when its port changes', async () => {
    const project = await readyProject(studio, 'Moves along');
    await studio.raw(`update appwrite_instances set endpoint = 'http://127.0.0.1:9/v1' where id = $1`, [studio.instanceId]);
    expect(await registerInstance(studio.ports, { endpoint: studio.appwrite.url, stand_in: true })).toBe(studio.instanceId);
    expect(await studio.raw('select endpoint, draining_since from appwrite_instances')).toEqual([{ endpoint: studio.appwrite.url, draining_since: null }]);
    expect(await instanceOf(project.id)).toBe(studio.instanceId);
  });

  it('that is the stand-in is not placed on under an address it had before, and no other server is touched', async () => {
    for (const endpoint of ['http://127.0.0.1:9/v1', 'https://appwrite.example.com/v1']) {
      await studio.raw(`insert into appwrite_instances (public_id, endpoint, public_endpoint) values ($1, $1, $1)`, [endpoint]);
    }
    await registerInstance(studio.ports, { endpoint: studio.appwrite.url, stand_in: true });
    const rows = await studio.raw(`select endpoint, draining_since is not null as draining from appwrite_instances order by endpoint = $1, endpoint`, [studio.appwrite.url]);
    expect(rows).toEqual([
      { endpoint: 'http://127.0.0.1:9/v1', draining: true },
      { endpoint: 'https://appwrite.example.com/v1', draining: false },
      { endpoint: studio.appwrite.url, draining: false },
    ]);
    await studio.raw('delete from appwrite_instances where id <> $1', [studio.instanceId]);
  });

  it('is refused when its address is none', async () => {
    expect(await attempt(registerInstance(studio.ports, { endpoint: 'ftp://example.com' }))).toBe('invalid_input');
  });

  it('does not keep a worker from starting when it is down', async () => {
    const id = await registerInstance(studio.ports, { endpoint: 'http://127.0.0.1:9/v1' });
    expect(studio.lines.some(({ message }) => message === 'Appwrite does not serve Studio yet')).toBe(true);
    await studio.raw('delete from appwrite_instances where id = $1', [id]);
  });

  it('keeps its session sealed', async () => {
    await readyProject(studio, 'Sealed');
    const [row] = await studio.raw<{ sealed_session: string }>('select sealed_session from appwrite_instances');
    expect(row?.sealed_session).toMatch(/^p1\.test\./);
    expect(Buffer.from(row?.sealed_session ?? '', 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('takes projects as far as it has room, drains when asked, and the emptiest one comes first', async () => {
    const other = await registerInstance(studio.ports, { endpoint: second.url, capacity: 2 });
    const made = [await readyProject(studio, 'One'), await readyProject(studio, 'Two'), await readyProject(studio, 'Three')];
    const places = await Promise.all(made.map(({ id }) => instanceOf(id)));
    expect(places[0]).toBe(other);
    const [row] = await studio.raw<{ placed: number }>('select placed from appwrite_instances where id = $1', [other]);
    expect(row?.placed).toBeLessThanOrEqual(2);
    await studio.raw('update appwrite_instances set draining_since = now() where id = $1', [other]);
    expect(await instanceOf((await readyProject(studio, 'Four')).id)).toBe(studio.instanceId);
  });

  it('is not overfilled by many at once', async () => {
    await studio.raw('update appwrite_instances set draining_since = null, placed = 0, capacity = 3 where endpoint = $1', [second.url]);
    await studio.raw('update appwrite_instances set draining_since = now() where endpoint = $1', [studio.appwrite.url]);
    const wishes = await Promise.all(Array.from({ length: 8 }, (_, number) => createProject(studio.owner.ctx, { organization_id: studio.organization.id, name: `Crowd ${number}` })));
    const worker = await studio.worker();
    try {
      const statuses = async () => (await Promise.all(wishes.map(({ id }) => getProject(studio.owner.ctx, id)))).map(({ status }) => status);
      await expect.poll(async () => (await statuses()).filter((status) => status === 'ready').length, { timeout: 20_000 }).toBe(3);
      await studio.raw('update appwrite_instances set draining_since = null where endpoint = $1', [studio.appwrite.url]);
      await studio.hurry();
      await expect.poll(statuses, { timeout: 20_000 }).toEqual(Array(8).fill('ready'));
    } finally {
      await worker.stop();
    }
    const [row] = await studio.raw<{ placed: number }>('select placed from appwrite_instances where endpoint = $1', [second.url]);
    expect(row?.placed).toBe(3);
  });
});

describe('while Appwrite is down', () => {
  it('lists, pages and keys can be read, wishes are taken, and all of them come true afterwards', async () => {
    await studio.raw('update appwrite_instances set draining_since = now() where endpoint = $1', [second.url]);
    const standing = await readyProject(studio, 'Standing');
    studio.appwrite.standIn.faults.add({ path: '/v1/**', effect: { kind: 'cut', when: 'before' } });
    const { ctx } = studio.owner;
    const worker = await studio.worker();
    try {
      const wishes = await Promise.all(Array.from({ length: 6 }, (_, number) => createProject(ctx, { organization_id: studio.organization.id, name: `Queued ${number}` })));
      const calls = studio.appwrite.standIn.faults.requests.length;
      const reads: string[] = [];
      for (let round = 0; round < 40; round += 1) {
        reads.push(await attempt(listProjects(ctx, { organization_id: studio.organization.id })), await attempt(getProject(ctx, standing.id)), await attempt(listKeys(ctx, standing.id)));
        await sleep(25);
      }
      expect(new Set(reads)).toEqual(new Set(['ok']));
      const [wish] = wishes;
      const { steps } = await getProvisioning(ctx, wish?.id ?? '');
      expect(steps.find(({ state }) => state === 'retrying')?.reason).toMatch(/^Appwrite cannot be reached right now/);
      const asked = studio.appwrite.standIn.faults.requests.length - calls;
      studio.appwrite.standIn.faults.clear();
      studio.passTime(120_000);
      const began = performance.now();
      await expect
        .poll(async () => {
          await studio.hurry();
          return (await Promise.all(wishes.map(({ id }) => getProject(ctx, id)))).filter(({ status }) => status === 'ready').length;
        }, { timeout: 30_000 })
        .toBe(6);
      console.info(`Appwrite down: ${reads.length} reads, 0 failed, ${asked} calls tried; 6 wishes ready ${((performance.now() - began) / 1_000).toFixed(1)} s after it came back`);
    } finally {
      await worker.stop();
    }
  });
});
