import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPublicId } from '@/lib/kernel/ids';
import { getUsage } from '@/lib/trust/usage/get-usage';
import { testStudio, type TestStudio } from '../support/context';
import { auditOf, expectRefusal } from '../support/expect-refusal';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

test('counts members and projects of this organization alone against its plan', async () => {
  const [owner, dev] = [await studio.person(), await studio.person()];
  const [acme, other] = [await studio.organization(owner), await studio.organization(owner)];
  await studio.join(acme, dev, 'developer');
  for (const [organization, status] of [[acme, 'ready'], [acme, 'stuck'], [acme, 'deleted'], [other, 'ready']] as const) {
    await studio.raw(`insert into projects (organization_id, public_id, name, framework, status) values ($1, $2, 'Shop', 'nextjs', $3)`, [organization.rowId, newPublicId('project'), status]);
  }
  expect(await getUsage(owner.ctx, acme.id)).toEqual({
    plan: { key: 'free', name: 'Free' },
    items: [
      { key: 'members', used: 2, limit: 10 },
      { key: 'projects', used: 2, limit: 10 },
      { key: 'deployments', used: 0, limit: 100 },
    ],
  });
});

test('a plan without limits says so', async () => {
  const owner = await studio.person();
  const acme = await studio.organization(owner);
  await studio.raw('update subscriptions set ended_at = now() where organization_id = $1', [acme.rowId]);
  await studio.raw(`insert into subscriptions (organization_id, plan_key) values ($1, 'scale')`, [acme.rowId]);
  expect(await getUsage(owner.ctx, acme.id)).toMatchObject({ plan: { key: 'scale' }, items: [{ limit: null }, { limit: null }, { limit: null }] });
});

test('owners and billing read it, others are told which right is missing, strangers find nothing', async () => {
  const [owner, billing, eve] = [await studio.person(), await studio.person(), await studio.person()];
  const acme = await studio.organization(owner);
  await studio.join(acme, billing, 'billing');
  expect(await getUsage(billing.ctx, acme.id)).toMatchObject({ plan: { key: 'free' } });
  for (const role of ['admin', 'developer', 'viewer'] as const) {
    const person = await studio.person();
    await studio.join(acme, person, role);
    expect((await expectRefusal(getUsage(person.ctx, acme.id), 'forbidden')).right).toBe('billing:read');
  }
  await expectRefusal(getUsage(eve.ctx, acme.id), 'not_found');
  expect((await auditOf(studio, acme)).filter(({ outcome }) => outcome === 'denied')).toHaveLength(3);
});
