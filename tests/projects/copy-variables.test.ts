import { parseEnv } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { copyVariables } from '@/lib/projects/env/copy-variables';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import type { EnvironmentName, VariableView } from '@/lib/projects/env/schemas';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { createWebhook } from '@/lib/webhooks/create-webhook';
import { listDeliveries } from '@/lib/webhooks/delivery/list-deliveries';
import { attempt, readyProject, stepUp, testProjects, type TestProjects } from './support';

let studio: TestProjects;
let project: string;

beforeAll(async () => {
  studio = await testProjects();
  project = (await readyProject(studio, 'Copies')).id;
  await createEnvironment(studio.owner.ctx, project, { name: 'staging' });
});
afterAll(() => studio.close());
beforeEach(async () => {
  for (const environment of ['production', 'staging'] as const) await change(environment, { replace: true, variables: [] });
});

const change = (environment: EnvironmentName, body: object) => changeVariables(studio.owner.ctx, project, body, { environment });
const copy = (from: string, environment: string) => copyVariables(studio.owner.ctx, project, { from }, { environment });
const versionOf = async (environment: EnvironmentName) => (await getEnv(studio.owner.ctx, project, { environment })).version;

async function ownOf(environment: EnvironmentName): Promise<VariableView[]> {
  return (await getEnv(studio.owner.ctx, project, { environment })).variables.filter(({ source }) => source === 'user');
}

async function fileOf(environment: EnvironmentName): Promise<Record<string, string | undefined>> {
  await stepUp(studio);
  return { ...parseEnv(await exportEnv(studio.owner.ctx, project, { environment })) };
}

const copiesLogged = () =>
  studio.raw<{ reason: string; changes: unknown }>(`select reason, changes from audit_logs where action = 'env.copied' and outcome = 'allowed' order by id`);

describe('copying variables between environments', () => {
  it('takes values and secrets along, which the other .env then holds to the letter', async () => {
    await change('production', { variables: [{ name: 'STRIPE_KEY', value: 'sk_canary_"27"\n# two 🙂' }, { name: 'LOG_LEVEL', value: 'debug', secret: false }, { name: 'EMPTY', value: '', secret: false }] });
    const before = await versionOf('staging');
    expect(await copy('production', 'staging')).toEqual({ copied: ['EMPTY', 'LOG_LEVEL', 'STRIPE_KEY'], skipped: [], version: before + 1 });
    expect(await ownOf('staging')).toMatchObject([
      { name: 'EMPTY', secret: false, value: '' },
      { name: 'LOG_LEVEL', secret: false, value: 'debug' },
      { name: 'STRIPE_KEY', secret: true, value: null },
    ]);
    expect(await fileOf('staging')).toMatchObject({ STRIPE_KEY: 'sk_canary_"27"\n# two 🙂', LOG_LEVEL: 'debug', EMPTY: '' });
    expect(await versionOf('staging')).toBe(before + 1);
  });

  it('leaves each environment its own key, and the other side as it is', async () => {
    await change('production', { variables: [{ name: 'SHARED', value: 'x' }] });
    const [production, staging, version] = [await fileOf('production'), await fileOf('staging'), await versionOf('production')];
    await copy('production', 'staging');
    expect(await fileOf('staging')).toEqual({ ...staging, SHARED: 'x' });
    expect(staging['APPWRITE_API_KEY']).not.toBe(production['APPWRITE_API_KEY']);
    expect([await fileOf('production'), await versionOf('production')]).toEqual([production, version]);
  });

  it('seals a secret anew for its own row, so that neither can be put in the place of the other', async () => {
    await change('production', { variables: [{ name: 'TOKEN', value: 'sealed_canary_44' }] });
    await copy('production', 'staging');
    const rows = await studio.raw<{ id: string; value: string | null; sealed_value: string }>(`select id, value, sealed_value from environment_variables where name = 'TOKEN'`);
    expect(rows.map(({ value }) => value)).toEqual([null, null]);
    expect(new Set(rows.map(({ sealed_value: sealed }) => sealed)).size).toBe(2);
    const [one, other] = rows;
    await studio.raw('update environment_variables set sealed_value = $2 where id = $1', [one?.id, other?.sealed_value]);
    const names = [await attemptToRead('production'), await attemptToRead('staging')];
    expect(names.filter((outcome) => outcome === 'sealed_canary_44')).toHaveLength(1);
    expect(JSON.stringify([await studio.raw('select * from audit_logs'), studio.lines])).not.toContain('sealed_canary_44');
    await studio.raw(`delete from environment_variables where name = 'TOKEN'`);
  });

  async function attemptToRead(environment: EnvironmentName): Promise<string | undefined> {
    return fileOf(environment).then(({ TOKEN }) => TOKEN, () => undefined);
  }

  it('keeps what is there already, and says so', async () => {
    await change('production', { variables: [{ name: 'BOTH', value: 'production' }, { name: 'NEW', value: '1' }] });
    await change('staging', { variables: [{ name: 'BOTH', value: 'staging' }, { name: 'OWN', value: '2' }] });
    expect(await copy('production', 'staging')).toMatchObject({ copied: ['NEW'], skipped: ['BOTH'] });
    expect(await fileOf('staging')).toMatchObject({ BOTH: 'staging', NEW: '1', OWN: '2' });
  });

  it('spreads nothing that must not be set any more, and no name that the backend gives', async () => {
    await change('production', { variables: [{ name: 'NEXT_PUBLIC_OLD', value: 'fine' }, { name: 'Z_TAKEN', value: 'not for long', secret: false }] });
    // As versions could leave them whose rules were others.
    await studio.raw(`update environment_variables set name = 'APPWRITE_API_KEY' where name = 'Z_TAKEN'`);
    await studio.raw(`update environment_variables set value = $1 where name = 'NEXT_PUBLIC_OLD'`, [`standard_${'a1'.repeat(64)}`]);
    const refused = copy('production', 'staging');
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/from', detail: expect.stringMatching(/^NEXT_PUBLIC_OLD .* a key for servers.* set in production/) }] });
    expect(await ownOf('staging')).toEqual([]);
    await change('production', { remove: ['NEXT_PUBLIC_OLD'] });
    expect(await copy('production', 'staging')).toMatchObject({ copied: [], skipped: ['APPWRITE_API_KEY'] });
    await studio.raw(`delete from environment_variables where name = 'APPWRITE_API_KEY'`);
  });

  it('writes one entry of the log and tells webhooks, by names alone', async () => {
    const { id } = await createWebhook(studio.owner.ctx, studio.organization.id, { url: 'https://hooks.example.com/', events: ['environment.changed'] });
    await change('staging', { variables: [{ name: 'A', value: 'value_of_a' }, { name: 'B', value: 'value_of_b', secret: false }] });
    const logged = (await copiesLogged()).length;
    await copy('staging', 'production');
    expect((await copiesLogged()).slice(logged)).toEqual([{ reason: 'production', changes: { copied_from: { from: null, to: 'staging' }, added: { from: null, to: 'A, B' } } }]);
    const { data } = await listDeliveries(studio.owner.ctx, studio.organization.id, id, { limit: '1' });
    expect(data[0]?.payload.data).toMatchObject({ environment: 'production', added: ['A', 'B'] });
    expect(JSON.stringify([data, await studio.raw('select * from audit_logs')])).not.toContain('value_of_');
  });

  it('changes nothing, version and log included, when there is nothing to copy', async () => {
    await change('staging', { variables: [{ name: 'SAME', value: '1' }] });
    await change('production', { variables: [{ name: 'SAME', value: '2' }] });
    const [version, logged] = [await versionOf('staging'), await copiesLogged()];
    expect(await copy('production', 'staging')).toEqual({ copied: [], skipped: ['SAME'], version });
    await change('production', { replace: true, variables: [] });
    expect(await copy('production', 'staging')).toEqual({ copied: [], skipped: [], version });
    expect([await versionOf('staging'), await copiesLogged()]).toEqual([version, logged]);
  });

  it('copies nothing at all when all of it would be too many, or too much', async () => {
    const many = (prefix: string, count: number, value: string) => Array.from({ length: count }, (_, index) => ({ name: `${prefix}_${index}`, value, secret: index % 2 === 0 }));
    await change('production', { variables: many('P', 130, 'x') });
    await change('staging', { variables: many('S', 121, 'x') });
    const version = await versionOf('staging');
    expect(await attempt(copy('production', 'staging'))).toBe('quota_exceeded');
    await change('production', { replace: true, variables: many('P', 5, 'x'.repeat(30_000)) });
    await change('staging', { replace: true, variables: many('S', 4, 'x'.repeat(30_000)) });
    expect(await attempt(copy('production', 'staging'))).toBe('quota_exceeded');
    expect((await ownOf('staging')).map(({ name }) => name)).toEqual(['S_0', 'S_1', 'S_2', 'S_3']);
    expect(await versionOf('staging')).toBe(version + 1);
  });

  it.each([
    ['the same environment', { from: 'staging' }, 'invalid_input'],
    ['one that nobody knows', { from: 'testing' }, 'invalid_input'],
    ['none', {}, 'invalid_input'],
    ['one that is not there', { from: 'preview' }, 'not_found'],
  ])('is refused from %s', async (_, body, code) => {
    expect(await attempt(copyVariables(studio.owner.ctx, project, body, { environment: 'staging' }))).toBe(code);
  });

  it('is refused to one that is not there', async () => {
    expect(await attempt(copy('production', 'preview'))).toBe('not_found');
  });

  it('never wins over somebody who sets the same name at the same time', async () => {
    await change('production', { variables: [{ name: 'SAME', value: 'copied' }] });
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([copy('production', 'staging'), change('staging', { variables: [{ name: 'SAME', value: 'typed' }] })]);
      expect((await fileOf('staging'))['SAME']).toBe('typed');
      await change('staging', { replace: true, variables: [] });
    }
  });

  it('loses nothing to somebody who writes or copies the other way at the same time', async () => {
    await change('production', { variables: [{ name: 'FROM_PRODUCTION', value: '1' }] });
    await change('staging', { variables: [{ name: 'FROM_STAGING', value: '2' }] });
    const before = await versionOf('staging');
    await Promise.all([copy('production', 'staging'), copy('staging', 'production'), change('staging', { variables: [{ name: 'TYPED', value: '3' }] })]);
    expect(await fileOf('staging')).toMatchObject({ FROM_PRODUCTION: '1', FROM_STAGING: '2', TYPED: '3' });
    expect(await fileOf('production')).toMatchObject({ FROM_PRODUCTION: '1', FROM_STAGING: '2' });
    expect(await versionOf('staging')).toBe(before + 2);
  });
});
