import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import { getOrganization } from '@/lib/identity/organization/get-organization';
import { listOrganizations } from '@/lib/identity/organization/list-organizations';
import { updateOrganization } from '@/lib/identity/organization/update-organization';
import { newPublicId } from '@/lib/kernel/ids';
import { testStudio, type TestStudio } from '../../support/context';
import { auditOf, expectRefusal } from '../../support/expect-refusal';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

describe('create and list', () => {
  test('whoever creates an organization owns it, sees it in the list, and nobody else does', async () => {
    const [ada, eve] = [await studio.person(), await studio.person()];
    const acme = await studio.organization(ada);
    expect(acme).toMatchObject({ name: 'Acme', role: 'owner', status: 'active' });
    expect(await listOrganizations(ada.ctx)).toMatchObject([{ id: acme.id, role: 'owner' }]);
    expect(await listOrganizations(eve.ctx)).toEqual([]);
    expect(await auditOf(studio, acme)).toMatchObject([{ action: 'organization.created', outcome: 'allowed', actor_id: ada.publicId, target_id: acme.id }]);
  });

  test('a chosen address that is taken is a conflict; a made one gets a number', async () => {
    const ada = await studio.person();
    const first = await createOrganization(ada.ctx, { name: 'Zürich Gärten' });
    expect(first.slug).toBe('zurich-garten');
    const second = await createOrganization(ada.ctx, { name: 'Zürich Gärten' });
    expect(second.slug).toMatch(/^zurich-garten-\d{4}$/);
    await expectRefusal(createOrganization(ada.ctx, { name: 'Other', slug: 'zurich-garten' }), 'conflict');
  });

  test('an unknown field, an empty name and control characters are refused with a pointer', async () => {
    const ada = await studio.person();
    const pointers = async (input: unknown) => (await expectRefusal(createOrganization(ada.ctx, input), 'invalid_input')).errors?.map(({ pointer }) => pointer);
    expect(await pointers({ name: 'Acme', organization_id: 'org_x' })).toEqual(['/organization_id']);
    expect(await pointers({ name: '   ' })).toEqual(['/name']);
    expect(await pointers({ name: 'a\u0000b' })).toEqual(['/name']);
    expect(await pointers({ name: 'x'.repeat(100_000) })).toEqual(['/name']);
    expect(await pointers({ name: 7 })).toEqual(['/name']);
  });
});

describe('get', () => {
  test('tells role and rights; a stranger hears the same as for an id that nobody has', async () => {
    const [ada, vera, eve] = [await studio.person(), await studio.person(), await studio.person()];
    const acme = await studio.organization(ada);
    await studio.join(acme, vera, 'viewer');
    expect(await getOrganization(ada.ctx, acme.id)).toMatchObject({ id: acme.id, role: 'owner', rights: { 'member:manage': true, 'billing:read': true } });
    expect(await getOrganization(vera.ctx, acme.id)).toMatchObject({ role: 'viewer', rights: { 'member:manage': false, 'project:read': true } });
    const foreign = await expectRefusal(getOrganization(eve.ctx, acme.id), 'not_found');
    const absent = await expectRefusal(getOrganization(eve.ctx, newPublicId('organization')), 'not_found');
    expect(foreign.message).toBe(absent.message);
  });

  test('a guest is asked to sign in', async () => {
    const acme = await studio.organization(await studio.person());
    await expectRefusal(getOrganization(studio.ctx({ kind: 'anonymous' }), acme.id), 'unauthenticated');
  });

  test('a credential that is bound to one organization does not reach another one of the same person', async () => {
    const ada = await studio.person();
    const [acme, beta] = [await studio.organization(ada), await studio.organization(ada)];
    const bound = studio.ctx({ kind: 'user', userId: ada.id, sessionId: ada.sessionId, name: ada.name, organizationId: acme.rowId });
    expect(await getOrganization(bound, acme.id)).toMatchObject({ id: acme.id });
    await expectRefusal(getOrganization(bound, beta.id), 'not_found');
    expect(await listOrganizations(bound)).toMatchObject([{ id: acme.id }]);
  });

  test('every access leaves a line outside the database', async () => {
    const ada = await studio.person();
    const acme = await studio.organization(ada);
    const { ctx } = ada;
    await getOrganization(ctx, acme.id);
    expect(studio.lines.filter(({ fields }) => fields['request_id'] === ctx.requestId)).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ access: 'organization:read', actor: ada.id, organization: acme.rowId, rows: 2 }) }),
    );
  });
});

describe('update', () => {
  test('writes what changed into the log', async () => {
    const ada = await studio.person();
    const acme = await studio.organization(ada);
    const after = await updateOrganization(ada.ctx, acme.id, { name: 'Acme Two' });
    expect(after).toMatchObject({ name: 'Acme Two', slug: acme.slug });
    expect(await auditOf(studio, acme)).toContainEqual(expect.objectContaining({ action: 'organization.updated', changes: { name: { from: 'Acme', to: 'Acme Two' } } }));
  });

  test('a developer is refused with the name of the right, and the refusal is on record', async () => {
    const [ada, dev] = [await studio.person(), await studio.person()];
    const acme = await studio.organization(ada);
    await studio.join(acme, dev, 'developer');
    const error = await expectRefusal(updateOrganization(dev.ctx, acme.id, { name: 'Mine' }), 'forbidden');
    expect(error.right).toBe('organization:update');
    expect(await auditOf(studio, acme)).toContainEqual(
      expect.objectContaining({ action: 'organization.update', outcome: 'denied', actor_id: dev.publicId, reason: expect.stringContaining('organization:update') }),
    );
  });

  test('a stranger gets 404, and nothing is written anywhere', async () => {
    const [ada, eve] = [await studio.person(), await studio.person()];
    const acme = await studio.organization(ada);
    await expectRefusal(updateOrganization(eve.ctx, acme.id, { name: 'Mine' }), 'not_found');
    expect(await auditOf(studio, acme)).toHaveLength(1);
    expect(await getOrganization(ada.ctx, acme.id)).toMatchObject({ name: 'Acme' });
  });
});
