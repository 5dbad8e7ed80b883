import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppwriteAdmin } from '@/lib/adapters/appwrite/port';
import { newAppwriteId } from '@/lib/kernel/ids';
import { createProject } from '@/lib/projects/create-project';
import { deleteProject } from '@/lib/projects/delete-project';
import { restoreProject } from '@/lib/projects/restore-project';
import { updateProject } from '@/lib/projects/update-project';
import { appwriteIdOf, readyProject, testProjects, type TestProjects } from '../projects/support';
import { figure } from '../support/figure';
import { inspect, violationsOf, type Violations } from './invariants';

let studio: TestProjects;
let admin: AppwriteAdmin;
let teamId: string;
const acknowledged: string[] = [];
const found = new Set<string>();

beforeAll(async () => {
  studio = await testProjects();
  await ready('First');
  admin = (await studio.ports.appwrite.byId(studio.instanceId)).admin();
  const [team] = await studio.raw<{ team_id: string }>('select team_id from appwrite_teams');
  teamId = team?.team_id ?? '';
});
afterEach(() => studio.appwrite.standIn.faults.clear());
afterAll(() => studio.close());

async function ready(name: string): Promise<string> {
  const { id } = await readyProject(studio, name);
  acknowledged.push(id);
  return id;
}

const look = async () => violationsOf(await inspect({ raw: studio.raw, admin }, acknowledged));

interface Seeded {
  kind: keyof Violations;
  what: string;
  /** Does the harm. @returns how to take it back, so that the next one starts clean */
  harm: (name: string) => Promise<() => Promise<unknown>>;
  /** Whether the offender is named after the project that is made for it; if not, by what. */
  named?: RegExp;
}

const harms: Seeded[] = [
  {
    kind: 'orphansAtAppwrite', what: 'a project at Appwrite that nobody knows', named: /Stray/,
    async harm() {
      const ref = { teamId, projectId: newAppwriteId() };
      await admin.createProject({ ...ref, name: 'Stray' });
      return () => admin.deleteProject(ref);
    },
  },
  {
    kind: 'orphansHere', what: 'a live project that Appwrite lost',
    async harm(name) {
      const projectId = await appwriteIdOf(studio, await ready(name));
      await admin.deleteProject({ teamId, projectId });
      return async () => {
        await studio.raw(`update appwrite_projects set state = 'deleted' where appwrite_project_id = $1`, [projectId]);
        await studio.raw('update appwrite_instances set placed = placed - 1');
      };
    },
  },
  {
    kind: 'orphansHere', what: 'an attempt that was given up and not removed',
    async harm(name) {
      const projectId = await appwriteIdOf(studio, await ready(name));
      await studio.raw(`update appwrite_projects set state = 'abandoned' where appwrite_project_id = $1`, [projectId]);
      return () => studio.raw(`update appwrite_projects set state = 'live' where appwrite_project_id = $1`, [projectId]);
    },
  },
  {
    kind: 'wrongKeys', what: 'a second key at Appwrite',
    async harm(name) {
      const key = { projectId: await appwriteIdOf(studio, await ready(name)), keyId: newAppwriteId() };
      await admin.createKey({ ...key, name: 'Extra', scopes: ['users.read'], expiresAt: null });
      return () => admin.deleteKey(key);
    },
  },
  {
    kind: 'wrongKeys', what: 'a deleted project whose key still works',
    async harm(name) {
      const id = await ready(name);
      await deleteProject(studio.owner.ctx, id, { confirm_name: name });
      await studio.raw(`update sagas set state = 'done' where kind = 'silence' and state = 'running'`);
      return () => studio.raw(`update projects set status = 'ready' where public_id = $1`, [id]);
    },
  },
  {
    kind: 'unhealthyReady', what: 'a ready project whose storage does not answer',
    async harm(name) {
      await ready(name);
      studio.appwrite.standIn.faults.add({ method: 'GET', path: '/v1/storage/buckets', effect: { kind: 'server-error', as: 'json' } });
      return () => Promise.resolve(studio.appwrite.standIn.faults.clear());
    },
  },
  {
    kind: 'unhealthyReady', what: 'a ready project that bears another name at Appwrite',
    async harm(name) {
      const ref = { teamId, projectId: await appwriteIdOf(studio, await ready(name)) };
      await admin.renameProject({ ...ref, name: 'Something else' });
      return () => admin.renameProject({ ...ref, name });
    },
  },
  {
    kind: 'unhealthyReady', what: 'a restored one that never got its name there',
    async harm(name) {
      const id = await ready(name);
      const ref = { teamId, projectId: await appwriteIdOf(studio, id) };
      await updateProject(studio.owner.ctx, id, { name: `${name}!` });
      await studio.drain();
      await studio.raw(`update sagas set state = 'undone' where kind = 'rename'`);
      await deleteProject(studio.owner.ctx, id, { confirm_name: `${name}!` });
      await studio.drain();
      await restoreProject(studio.owner.ctx, id);
      await studio.drain();
      await admin.renameProject({ ...ref, name });
      return () => admin.renameProject({ ...ref, name: `${name}!` });
    },
  },
  {
    kind: 'withoutJob', what: 'an open saga whose job is gone',
    async harm(name) {
      const { id } = await createProject(studio.owner.ctx, { organization_id: studio.organization.id, name });
      await studio.raw('delete from graphile_worker._private_jobs');
      return async () => {
        await studio.raw(`update sagas set created_at = now() - interval '2 minutes' where state = 'running'`);
        await studio.job('resume-sagas');
        await studio.drain();
        acknowledged.push(id);
      };
    },
  },
  {
    kind: 'misreported', what: 'a provisioning that was reported twice',
    async harm(name) {
      const id = await ready(name);
      const [copied] = await studio.raw<{ id: string }>(
        `insert into audit_logs select (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid()))).* from audit_logs l where l.target_id = $1 and l.action = 'project.provisioned' returning id`,
        [id],
      );
      return () => studio.raw('delete from audit_logs where id = $1', [copied?.id]);
    },
  },
  {
    kind: 'misreported', what: 'a provisioning without its audit row',
    async harm(name) {
      const id = await ready(name);
      const [changed] = await studio.raw<{ id: string }>(`update audit_logs set action = 'project.created' where target_id = $1 and action = 'project.provisioned' returning id`, [id]);
      return () => studio.raw(`update audit_logs set action = 'project.provisioned' where id = $1`, [changed?.id]);
    },
  },
  {
    kind: 'miscounted', what: 'a counter of placed projects that is wrong', named: /placed/,
    async harm() {
      await studio.raw('update appwrite_instances set placed = placed + 1');
      return () => studio.raw('update appwrite_instances set placed = placed - 1');
    },
  },
  {
    kind: 'lost', what: 'an acknowledged project without a row', named: /prj_nowhere/,
    harm: () => Promise.resolve(acknowledged.push('prj_nowhere')).then(() => () => Promise.resolve(acknowledged.pop())),
  },
  {
    kind: 'lost', what: 'a project that failed without a reason',
    async harm(name) {
      const id = await ready(name);
      await studio.raw(`update projects set status = 'failed' where public_id = $1`, [id]);
      return () => studio.raw(`update projects set status = 'ready' where public_id = $1`, [id]);
    },
  },
];

describe('the invariants', () => {
  it('hold where nothing is wrong', async () => {
    expect(await look()).toEqual({});
  });

  it.each(harms)('see $what', async ({ kind, what, harm, named }) => {
    const name = what.slice(0, 40).trim();
    const undo = await harm(name);
    const seen = await look();
    await undo();
    expect(seen[kind]?.join('\n')).toMatch(named ?? new RegExp(name));
    expect(await look()).toEqual({});
    found.add(what);
  });

  it('see everything that was seeded', (context) => {
    const kinds = new Set(harms.map(({ kind }) => kind));
    figure(context, { requirements: ['P1', 'P3', 'P5'], what: 'Seeded violations that the invariants of the fault suites find', reached: `${found.size} of ${harms.length}, of ${kinds.size} kinds`, bound: 'all', pass: found.size === harms.length && kinds.size === 8 });
  });
});
