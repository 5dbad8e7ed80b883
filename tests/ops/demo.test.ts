import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Composition } from '@/lib/composition';
import { demoLogin, seedDemo } from '@/lib/seed-demo';
import { testComposition } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';

let studio: TestStudio;

beforeEach(async () => {
  studio = await testStudio();
});
afterEach(() => studio.close());

class Killed extends Error {}

/** `diesAfter` names the access log line after which the process is gone: what came before it is committed. */
function composition({ mode = 'local', diesAfter }: { mode?: string; diesAfter?: (fields: Record<string, unknown>) => boolean } = {}): Composition {
  const { log } = studio.ctx({ kind: 'anonymous' });
  const info = (fields: object, message: string) => {
    log.info(fields, message);
    if (diesAfter?.({ ...fields }) === true) throw new Killed();
  };
  return testComposition(studio, { STUDIO_MODE: mode }, { log: { ...log, info } });
}

async function made(): Promise<Record<string, number>> {
  const [row] = await studio.raw<Record<string, number>>(
    `select (select count(*)::int from users where email = $1) as users, (select count(*)::int from user_credentials) as passwords,
            (select count(*)::int from organizations) as organizations, (select count(*)::int from projects) as projects`,
    [demoLogin.email],
  );
  return row ?? {};
}

const whole = { users: 1, passwords: 1, organizations: 1, projects: 1 };

describe('demo data', () => {
  it('are a person, an organization and a project, once', async () => {
    await seedDemo(composition());
    expect(await made()).toEqual(whole);
    await seedDemo(composition());
    expect(await made()).toEqual(whole);
  });

  it.each([
    ['the person', (fields: Record<string, unknown>) => fields['reason'] === 'register', { ...whole, organizations: 0, projects: 0 }],
    ['the organization', (fields: Record<string, unknown>) => fields['access'] === 'organization:create', { ...whole, projects: 0 }],
    ['the project', (fields: Record<string, unknown>) => fields['access'] === 'project:create', whole],
  ])('are finished by the next run when one was killed after %s', async (_, diesAfter, half) => {
    await expect(seedDemo(composition({ diesAfter }))).rejects.toThrow(Killed);
    expect(await made()).toEqual(half);
    await seedDemo(composition());
    expect(await made()).toEqual(whole);
  });

  it('that were deleted stay deleted', async () => {
    await seedDemo(composition());
    await studio.raw(`update projects set status = 'deleted', deleted_at = now()`);
    await seedDemo(composition());
    expect(await made()).toEqual(whole);
  });

  it('find another address when theirs is taken', async () => {
    const somebody = await studio.person();
    await studio.organization(somebody, 'Demo');
    await seedDemo(composition());
    expect(await made()).toEqual({ ...whole, passwords: 1, organizations: 2 });
  });

  it('are not made in production', async () => {
    await expect(seedDemo(composition({ mode: 'production' }))).rejects.toThrow('local mode only');
    expect(await made()).toMatchObject({ users: 0 });
  });
});
