import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOrganizations } from '@/lib/identity/organization/list-organizations';
import { testStudio, type TestStudio } from '../../support/context';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

test('whoever creates an organization owns it, and sees it in the list', async () => {
  const ada = await studio.person();
  const acme = await studio.organization(ada);
  expect(acme).toMatchObject({ name: 'Acme', role: 'owner' });
  expect(await listOrganizations(ada.ctx)).toMatchObject([{ id: acme.id, role: 'owner' }]);
});
