import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ctx } from '@/lib/context';
import { createProject } from '@/lib/projects/create-project';
import { listBuckets } from '@/lib/projects/data/list-buckets';
import { listFiles } from '@/lib/projects/data/list-files';
import { listRows } from '@/lib/projects/data/list-rows';
import { listTables } from '@/lib/projects/data/list-tables';
import { deleteProject } from '@/lib/projects/delete-project';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { copyVariables } from '@/lib/projects/env/copy-variables';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import { getFirstRequest } from '@/lib/projects/env/get-first-request';
import { getProject } from '@/lib/projects/get-project';
import { getProvisioning } from '@/lib/projects/get-provisioning';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { listEnvironments } from '@/lib/projects/environment/list-environments';
import { removeEnvironment } from '@/lib/projects/environment/remove-environment';
import { createKey } from '@/lib/projects/key/create-key';
import { listKeys } from '@/lib/projects/key/list-keys';
import { revokeKey } from '@/lib/projects/key/revoke-key';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { listSagaEvents } from '@/lib/projects/list-saga-events';
import { addPlatform } from '@/lib/projects/platform/add-platform';
import { listPlatforms } from '@/lib/projects/platform/list-platforms';
import { removePlatform } from '@/lib/projects/platform/remove-platform';
import { restoreProject } from '@/lib/projects/restore-project';
import { retryProject } from '@/lib/projects/retry-project';
import { updateProject } from '@/lib/projects/update-project';
import { newPublicId, newUuid } from '@/lib/kernel/ids';
import { listProjects } from '../support/list-projects';
import { attempt, readyProject, testProjects, type TestProjects } from './support';

interface Place {
  organization: string;
  project: string;
  key: string;
}

/** Every verb of the wing, as a call on somebody's organization and project, and the right that it needs. */
const verbs: [name: string, right: string, call: (ctx: Ctx, place: Place) => Promise<unknown>][] = [
  ['createProject', 'project:create', (ctx, { organization }) => createProject(ctx, { organization_id: organization, name: 'Intruder' })],
  ['listProjects', 'project:read', (ctx, { organization }) => listProjects(ctx, { organization_id: organization })],
  ['listSagaEvents', 'project:read', (ctx, { organization }) => listSagaEvents(ctx, organization)],
  ['getProject', 'project:read', (ctx, { project }) => getProject(ctx, project)],
  ['getProvisioning', 'project:read', (ctx, { project }) => getProvisioning(ctx, project)],
  ['updateProject', 'project:update', (ctx, { project }) => updateProject(ctx, project, { name: 'Intruder' })],
  ['deleteProject', 'project:delete', (ctx, { project }) => deleteProject(ctx, project, { confirm_name: 'Target' })],
  ['restoreProject', 'project:delete', (ctx, { project }) => restoreProject(ctx, project)],
  ['retryProject', 'project:retry', (ctx, { project }) => retryProject(ctx, project)],
  ['getEnv', 'env:read', (ctx, { project }) => getEnv(ctx, project)],
  ['getFirstRequest', 'env:read', (ctx, { project }) => getFirstRequest(ctx, project)],
  ['exportEnv', 'env:export', (ctx, { project }) => exportEnv(ctx, project)],
  ['changeVariables', 'env:write', (ctx, { project }) => changeVariables(ctx, project, { variables: [{ name: 'INTRUDER', value: 'x' }] })],
  ['copyVariables', 'env:write', (ctx, { project }) => copyVariables(ctx, project, { from: 'staging' })],
  ['listEnvironments', 'env:read', (ctx, { project }) => listEnvironments(ctx, project)],
  ['createEnvironment', 'key:manage', (ctx, { project }) => createEnvironment(ctx, project, { name: 'staging' })],
  ['removeEnvironment', 'key:manage', (ctx, { project }) => removeEnvironment(ctx, project, 'staging')],
  ['listKeys', 'key:read', (ctx, { project }) => listKeys(ctx, project)],
  ['createKey', 'key:manage', (ctx, { project }) => createKey(ctx, project, { name: 'Intruder' })],
  ['rotateKey', 'key:manage', (ctx, { project, key }) => rotateKey(ctx, project, key, {})],
  ['revokeKey', 'key:manage', (ctx, { project, key }) => revokeKey(ctx, project, key)],
  ['listPlatforms', 'project:read', (ctx, { project }) => listPlatforms(ctx, project)],
  ['addPlatform', 'platform:manage', (ctx, { project }) => addPlatform(ctx, project, { hostname: 'intruder.example.com' })],
  ['removePlatform', 'platform:manage', (ctx, { project }) => removePlatform(ctx, project, 'x')],
  ['listTables', 'data:read', (ctx, { project }) => listTables(ctx, project)],
  ['listRows', 'data:read', (ctx, { project }) => listRows(ctx, project, { database: 'd', table: 't' })],
  ['listBuckets', 'data:read', (ctx, { project }) => listBuckets(ctx, project)],
  ['listFiles', 'data:read', (ctx, { project }) => listFiles(ctx, project, { bucket: 'b' })],
];

const viewerHolds = new Set(['project:read', 'key:read', 'data:read']);

let studio: TestProjects;
let place: Place;
let stranger: Ctx;
let viewer: Ctx;

beforeAll(async () => {
  studio = await testProjects();
  const project = await readyProject(studio, 'Target');
  const keys = await listKeys(studio.owner.ctx, project.id);
  place = { organization: studio.organization.id, project: project.id, key: keys.data[0]?.id ?? '' };
  const other = await studio.person();
  await studio.newOrganization(other, 'Elsewhere');
  stranger = other.ctx;
  const colleague = await studio.person();
  await studio.join(studio.organization, colleague, 'viewer');
  viewer = colleague.ctx;
});

afterAll(() => studio.close());

/** Everything that an intruder could have changed, as one value. */
async function fingerprint(): Promise<unknown> {
  return studio.raw(
    `select (select json_agg(p order by p.id) from projects p)::text as projects, (select json_agg(k order by k.id) from appwrite_keys k)::text as keys,
            (select count(*) from sagas) as sagas, (select count(*) from audit_logs where outcome = 'allowed') as allowed`,
  );
}

describe.each(verbs)('%s', (_, __, call) => {
  it('finds nothing for a stranger', async () => {
    const before = await fingerprint();
    expect(await attempt(call(stranger, place))).toBe('not_found');
    expect(await fingerprint()).toEqual(before);
  });

  it('finds nothing without an account', async () => {
    expect(await attempt(call(studio.ctx({ kind: 'anonymous' }), place))).toBe('unauthenticated');
  });

});

describe.each(verbs.filter(([, right]) => !viewerHolds.has(right)))('%s', (_, right, call) => {
  it('is refused to a viewer, by the name of the right, and logged', async () => {
    const before = await fingerprint();
    await expect(call(viewer, place)).rejects.toMatchObject({ code: 'forbidden', right });
    expect(await fingerprint()).toEqual(before);
    const [denial] = await studio.raw<{ reason: string }>(`select reason from audit_logs where outcome = 'denied' order by id desc limit 1`);
    expect(denial?.reason).toContain(right);
  });
});

describe('an API key that is limited to one project', () => {
  it('sees that project and no other one', async () => {
    const other = await readyProject(studio, 'Neighbour');
    const keyId = newUuid();
    const [target] = await studio.raw<{ id: string }>('select id from projects where public_id = $1', [place.project]);
    const scopes = ['project:read', 'project:create', 'env:read', 'key:read', 'data:read'];
    await studio.raw(
      `insert into api_keys (organization_id, id, public_id, project_id, name, prefix, last_four, key_hash, scopes, created_by)
       values ($1, $2, $3, $4, 'ci', 'stu_live_', 'abcd', $5, $6, $7)`,
      [studio.organization.rowId, keyId, newPublicId('apiKey'), target?.id, Buffer.from(keyId), scopes, studio.owner.id],
    );
    const ctx = studio.ctx({ kind: 'api_key', keyId, name: 'ci', organizationId: studio.organization.rowId, projectId: target?.id ?? null, scopes });
    expect((await getProject(ctx, place.project)).id).toBe(place.project);
    expect((await listProjects(ctx, {})).data.map(({ id }) => id)).toEqual([place.project]);
    expect(new Set((await listSagaEvents(ctx, place.organization)).map(({ project_id: id }) => id))).toEqual(new Set([place.project]));
    for (const verb of [getProject, getEnv, getFirstRequest, listKeys, listTables, getProvisioning]) {
      expect(await attempt(verb(ctx, other.id))).toBe('not_found');
    }
    expect(await attempt(createProject(ctx, { name: 'More' }))).toBe('forbidden');
    expect(await attempt(exportEnv(ctx, place.project))).toBe('forbidden');
  });
});
