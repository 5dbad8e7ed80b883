import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHealth } from '@/lib/http/health';
import { createProject } from '@/lib/projects/create-project';
import { testComposition } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';

let studio: TestStudio;

beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

/** As a scraper on the same machine reads them. */
async function metrics(): Promise<string> {
  const answer = await createHealth(testComposition(studio)).routes.request('/metrics', {}, { incoming: { socket: { remoteAddress: '127.0.0.1' } } });
  expect(answer.status).toBe(200);
  return answer.text();
}

it('tell the operator how many sagas are open and how many are stuck, over all organizations', async () => {
  expect(await metrics()).not.toMatch(/^studio_sagas\{/m);
  for (const name of ['First', 'Second', 'Third']) {
    const person = await studio.person();
    const organization = await studio.organization(person, name);
    await createProject(person.ctx, { organization_id: organization.id, name: 'Shop' });
  }
  await studio.raw(`update sagas set state = 'stuck', finished_at = now() where id in (select id from sagas order by id limit 1)`);
  const lines = (await metrics()).split('\n').filter((line) => line.startsWith('studio_sagas{'));
  expect(lines).toEqual(['studio_sagas{kind="provision",state="open"} 2', 'studio_sagas{kind="provision",state="stuck"} 1']);
});
