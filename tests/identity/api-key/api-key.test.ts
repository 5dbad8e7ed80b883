import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authenticateApiKey } from '@/lib/identity/api-key/authenticate-api-key';
import { createApiKey } from '@/lib/identity/api-key/create-api-key';
import { listApiKeys } from '@/lib/identity/api-key/list-api-keys';
import { revokeApiKey } from '@/lib/identity/api-key/revoke-api-key';
import { isApiKeyToken, newApiKeyToken } from '@/lib/identity/api-key/token';
import { listMembers } from '@/lib/identity/member/list-members';
import { getOrganization } from '@/lib/identity/organization/get-organization';
import { newPublicId } from '@/lib/kernel/ids';
import { testStudio, type Person, type TestStudio } from '../../support/context';
import { auditOf, expectRefusal } from '../../support/expect-refusal';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

let owner: Person;
let acme: Awaited<ReturnType<TestStudio['organization']>>;
beforeEach(async () => {
  owner = await studio.person();
  acme = await studio.organization(owner);
});

const ports = () => studio.ctx({ kind: 'anonymous' });

async function project(organization: { rowId: string }): Promise<{ id: string; rowId: string }> {
  const id = newPublicId('project');
  const [row] = await studio.raw<{ id: string }>(`insert into projects (organization_id, public_id, name, framework) values ($1, $2, 'Shop', 'nextjs') returning id`, [organization.rowId, id]);
  return { id, rowId: row?.id ?? '' };
}

describe('the token', () => {
  test('is known by its shape and checksum before any look into the database', async () => {
    const before = studio.lines.length;
    const token = newApiKeyToken();
    expect(token).toMatch(/^stu_live_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/);
    const forged = Array.from({ length: 500 }, (_, index) => {
      const position = 9 + (index % 30);
      const other = token[position] === 'a' ? 'b' : 'a';
      return token.slice(0, position) + other + token.slice(position + 1);
    });
    for (const bad of [...forged, '', 'stu_live_', `${token} `, token.toUpperCase(), token.replace('live', 'test'), `stu_live_${'x'.repeat(100_000)}`]) {
      expect(isApiKeyToken(bad)).toBe(false);
      expect(await authenticateApiKey(ports(), bad)).toBeNull();
    }
    expect(studio.lines.length).toBe(before);
    expect(await authenticateApiKey(ports(), token)).toBeNull();
    expect(studio.lines.length).toBe(before + 1);
  });
});

describe('create', () => {
  test('shows the key once and keeps only its hash', async () => {
    const key = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['project:read'] });
    expect(key).toMatchObject({ name: 'CI', scopes: ['project:read'], project: null, created_by: { id: owner.publicId }, expires_at: null, last_used_at: null });
    expect(key.secret.startsWith(key.prefix)).toBe(true);
    expect(key.secret.endsWith(key.last_four)).toBe(true);
    const { data } = await listApiKeys(owner.ctx, acme.id);
    expect(data).toHaveLength(1);
    expect(JSON.stringify(data)).not.toContain('secret');
    const stored = await studio.raw<{ row: string }>('select k::text as row from api_keys k union all select a::text from audit_logs a');
    expect(stored.filter(({ row }) => row.includes(key.secret.slice(13, 30)))).toEqual([]);
    expect(studio.lines.filter((line) => JSON.stringify(line).includes(key.secret))).toEqual([]);
    expect(await auditOf(studio, acme)).toContainEqual(expect.objectContaining({ action: 'api_key.created', actor_id: owner.publicId, target_id: key.id }));
  });

  test.each(['developer', 'viewer', 'billing'] as const)('a %s makes none', async (role) => {
    const person = await studio.person();
    await studio.join(acme, person, role);
    expect((await expectRefusal(createApiKey(person.ctx, acme.id, { name: 'x', scopes: ['project:read'] }), 'forbidden')).right).toBe('api_key:manage');
    expect((await auditOf(studio, acme)).at(-1)).toMatchObject({ action: 'api_key.manage', outcome: 'denied', actor_id: person.publicId });
  });

  test('a stranger finds no organization, and no project of another one fits a key', async () => {
    const eve = await studio.person();
    await expectRefusal(createApiKey(eve.ctx, acme.id, { name: 'x', scopes: ['project:read'] }), 'not_found');
    const theirs = await project(await studio.organization(eve));
    const error = await expectRefusal(createApiKey(owner.ctx, acme.id, { name: 'x', scopes: ['project:read'], project_id: theirs.id }), 'invalid_input');
    expect(error.errors?.[0]?.pointer).toBe('/project_id');
  });

  test.each([
    [{ name: '', scopes: ['project:read'] }, '/name'],
    [{ name: 'x', scopes: [] }, '/scopes'],
    [{ name: 'x', scopes: ['member:manage'] }, '/scopes/0'],
    [{ name: 'x', scopes: ['project:read', 'project:read'] }, '/scopes'],
    [{ name: 'x', scopes: ['project:read'], expires_at: 'tomorrow' }, '/expires_at'],
    [{ name: 'x', scopes: ['project:read'], expires_at: '2001-01-01T00:00:00Z' }, '/expires_at'],
    [{ name: 'x', scopes: ['project:create'], project_id: 'prj_x' }, '/scopes'],
    [{ name: 'x', scopes: ['project:read'], organization_id: 'org_x' }, '/organization_id'],
  ])('bad input %j is refused at %s', async (input, pointer) => {
    expect((await expectRefusal(createApiKey(owner.ctx, acme.id, input), 'invalid_input')).errors?.map((error) => error.pointer)).toContain(pointer);
  });
});

describe('use', () => {
  test('acts within its scopes, in its organization, and never on people', async () => {
    const { secret, id } = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['organization:read'] });
    const actor = await authenticateApiKey(ports(), secret);
    if (actor === null) throw new Error('the key was not accepted');
    const ctx = studio.ctx(actor);
    expect(await getOrganization(ctx, acme.id)).toMatchObject({ id: acme.id, role: null, rights: { 'organization:read': true, 'project:read': false } });
    expect((await expectRefusal(listMembers(ctx, acme.id), 'forbidden')).right).toBe('member:read');
    expect((await auditOf(studio, acme)).at(-1)).toMatchObject({ outcome: 'denied', actor_id: id });
    const other = await studio.organization(owner);
    await expectRefusal(getOrganization(ctx, other.id), 'not_found');
    await expectRefusal(createApiKey(ctx, acme.id, { name: 'more', scopes: ['organization:read'] }), 'forbidden');
  });

  test('carries the project that it is limited to', async () => {
    const { id, rowId } = await project(acme);
    const { secret, project_id } = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['project:read'], project_id: id });
    expect(project_id).toBe(id);
    expect(await authenticateApiKey(ports(), secret)).toMatchObject({ kind: 'api_key', projectId: rowId, organizationId: acme.rowId });
  });

  test('a revoked key is dead at once, for those too who still hold a copy', async () => {
    const { secret, id } = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['organization:read'] });
    const actor = await authenticateApiKey(ports(), secret);
    if (actor === null) throw new Error('the key was not accepted');
    await revokeApiKey(owner.ctx, acme.id, id);
    expect(await authenticateApiKey(ports(), secret)).toBeNull();
    await expectRefusal(getOrganization(studio.ctx(actor), acme.id), 'not_found');
    expect((await listApiKeys(owner.ctx, acme.id)).data).toEqual([]);
    await expectRefusal(revokeApiKey(owner.ctx, acme.id, id), 'not_found');
    expect(await auditOf(studio, acme)).toContainEqual(expect.objectContaining({ action: 'api_key.revoked', target_id: id }));
  });

  test('an expired key is refused when the database says so, from the copy and from the row', async () => {
    const { secret } = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['organization:read'], expires_at: new Date(Date.now() + 60_000).toISOString() });
    await studio.raw(`update api_keys set expires_at = clock_timestamp() + interval '1 second' where organization_id = $1`, [acme.rowId]);
    expect(await authenticateApiKey(ports(), secret)).not.toBeNull();
    await sleep(1_100);
    expect(await authenticateApiKey(ports(), secret)).toBeNull();
    await studio.cache.clear(await cacheKeys());
    expect(await authenticateApiKey(ports(), secret)).toBeNull();
    expect((await listApiKeys(owner.ctx, acme.id)).data).toMatchObject([{ expired: true }]);
  });

  test('is looked up once in a while, and its use is written down at most a minute late', async () => {
    const { secret } = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['organization:read'] });
    const before = studio.lines.length;
    for (let round = 0; round < 50; round += 1) expect(await authenticateApiKey(ports(), secret)).not.toBeNull();
    expect(studio.lines.slice(before).filter(({ fields }) => fields['reason'] === 'api-key-check')).toHaveLength(1);
    const [first] = (await listApiKeys(owner.ctx, acme.id)).data;
    expect(Date.now() - Date.parse(first?.last_used_at ?? '')).toBeLessThan(5_000);
    await studio.raw(`update api_keys set last_used_at = now() - interval '55 seconds' where organization_id = $1`, [acme.rowId]);
    await studio.cache.clear(await cacheKeys());
    await authenticateApiKey(ports(), secret);
    const [second] = (await listApiKeys(owner.ctx, acme.id)).data;
    expect(Date.now() - Date.parse(second?.last_used_at ?? '')).toBeLessThan(5_000);
  });

  async function cacheKeys(): Promise<string[]> {
    const rows = await studio.raw<{ hash: string }>(`select encode(key_hash, 'hex') as hash from api_keys where organization_id = $1`, [acme.rowId]);
    return rows.map(({ hash }) => `studio:key:${hash}`);
  }
});

describe('list and revoke', () => {
  test('developers read, viewers do not, and only managers revoke', async () => {
    const [dev, viewer, eve] = [await studio.person(), await studio.person(), await studio.person()];
    await studio.join(acme, dev, 'developer');
    await studio.join(acme, viewer, 'viewer');
    const { id } = await createApiKey(owner.ctx, acme.id, { name: 'CI', scopes: ['organization:read'] });
    expect((await listApiKeys(dev.ctx, acme.id)).data).toHaveLength(1);
    await expectRefusal(listApiKeys(viewer.ctx, acme.id), 'forbidden');
    await expectRefusal(revokeApiKey(dev.ctx, acme.id, id), 'forbidden');
    await expectRefusal(revokeApiKey(eve.ctx, acme.id, id), 'not_found');
    const theirs = await studio.organization(eve);
    await expectRefusal(revokeApiKey(eve.ctx, theirs.id, id), 'not_found');
    expect((await listApiKeys(owner.ctx, acme.id)).data).toHaveLength(1);
  });
});
