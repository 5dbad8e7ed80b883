import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { changeVariables } from '@/lib/projects/env/change-variables';
import { exportEnv } from '@/lib/projects/env/export-env';
import { getEnv } from '@/lib/projects/env/get-env';
import type { VariableView } from '@/lib/projects/env/schemas';
import { createEnvironment } from '@/lib/projects/environment/create-environment';
import { listEnvironments } from '@/lib/projects/environment/list-environments';
import { removeEnvironment } from '@/lib/projects/environment/remove-environment';
import { listKeys } from '@/lib/projects/key/list-keys';
import { rotateKey } from '@/lib/projects/key/rotate-key';
import { isAppError } from '@/lib/kernel/errors';
import { attempt, readyProject, stepUp, testProjects, type TestProjects } from './support';

let studio: TestProjects;
let project: string;

beforeAll(async () => {
  studio = await testProjects();
  project = (await readyProject(studio, 'Variables')).id;
});
afterAll(() => studio.close());
beforeEach(async () => {
  await change({ replace: true, variables: [] });
});

const change = (body: object) => changeVariables(studio.owner.ctx, project, body);
const own = async (): Promise<VariableView[]> => (await getEnv(studio.owner.ctx, project)).variables.filter(({ source }) => source === 'user');
const version = async () => (await getEnv(studio.owner.ctx, project)).version;

async function exported(): Promise<Record<string, string | undefined>> {
  await stepUp(studio);
  return { ...parseEnv(await exportEnv(studio.owner.ctx, project)) };
}

/** What is wrong, by place. */
async function refusals(body: object): Promise<[string, string][]> {
  try {
    await change(body);
    return [];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return (error.errors ?? []).map(({ pointer, detail }) => [pointer, detail]);
  }
}

describe('what is written down', () => {
  const awkward = [
    { name: 'PLAIN', value: 'debug', secret: false },
    { name: 'SECRET', value: 'a "quoted" \\ $HOME ${PATH} $$ # secret\nof two lines: yes' },
    { name: 'EMPTY', value: '', secret: false },
  ];

  it('is the same as a file, as JSON and for compose', async () => {
    await change({ variables: awkward });
    const asFile = await exported();
    const as = (format: string) => exportEnv(studio.owner.ctx, project, { format });
    expect(asFile).toMatchObject(Object.fromEntries(awkward.map(({ name, value }) => [name, value])));
    expect(JSON.parse(await as('json'))).toEqual(asFile);
    const { environment } = z.object({ environment: z.record(z.string(), z.string()) }).parse(parse(await as('compose')));
    // Compose reads two dollar signs as one, and fills in what follows one alone.
    for (const value of Object.values(environment)) expect(value.replaceAll('$$', '')).not.toContain('$');
    expect(Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replaceAll('$$', '$')]))).toEqual(asFile);
    await expect(as('xml')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('says where each variable comes from, who set it and when', async () => {
    await change({ variables: [{ name: 'ADDRESS', value: 'https://${{RAILWAY_PUBLIC_DOMAIN}}', secret: false }, { name: 'PLAIN', value: 'x', secret: false }] });
    const { variables } = await getEnv(studio.owner.ctx, project);
    const told = Object.fromEntries(variables.map(({ name, source, updated_by: by, updated_at: at }) => [name, [source, by, at !== null && Math.abs(Date.parse(at) - Date.now()) < 60_000]]));
    expect(told).toMatchObject({ ADDRESS: ['reference', 'Test Person', true], PLAIN: ['user', 'Test Person', true], APPWRITE_API_KEY: ['generated', null, false] });
  });
});

describe('setting variables', () => {
  it('keeps a secret sealed and shows it to nobody, and reads a plain one back', async () => {
    const answer = await change({ variables: [{ name: 'STRIPE_KEY', value: 'sk_live_canary_81' }, { name: 'LOG_LEVEL', value: 'debug', secret: false }] });
    expect(answer).toMatchObject({ added: ['STRIPE_KEY', 'LOG_LEVEL'], changed: [], removed: [], unchanged: [] });
    expect(await own()).toMatchObject([
      { name: 'LOG_LEVEL', secret: false, value: 'debug', preview: 'debug' },
      { name: 'STRIPE_KEY', secret: true, value: null },
    ]);
    expect(JSON.stringify(await getEnv(studio.owner.ctx, project))).not.toContain('canary_81');
    const stored = await studio.raw<{ value: string | null; sealed_value: string | null }>(`select value, sealed_value from environment_variables where name = 'STRIPE_KEY'`);
    expect(stored).toEqual([{ value: null, sealed_value: expect.any(String) }]);
    expect(JSON.stringify(stored)).not.toContain('canary_81');
    const log = JSON.stringify(await studio.raw('select * from audit_logs'));
    expect(await studio.raw(`select reason from audit_logs where action = 'env.changed' order by id desc limit 1`)).toEqual([{ reason: 'production' }]);
    expect(log).toContain('STRIPE_KEY');
    expect(log).not.toContain('canary_81');
    expect(JSON.stringify(studio.lines)).not.toContain('canary_81');
  });

  it('writes many in one version, which the export holds to the letter', async () => {
    const before = await version();
    const variables = Array.from({ length: 20 }, (_, index) => ({ name: `V_${index}`, value: `line one\n"two" # ${index} 🙂`, secret: index % 2 === 0 }));
    await change({ variables });
    expect(await version()).toBe(before + 1);
    expect(await exported()).toMatchObject(Object.fromEntries(variables.map(({ name, value }) => [name, value])));
    expect(Object.keys(await exported())).toHaveLength(6 + variables.length);
  });

  it('changes nothing, version and log included, when all is as it was', async () => {
    await change({ variables: [{ name: 'A', value: '1' }, { name: 'B', value: '2', secret: false }] });
    const before = await version();
    const entries = await studio.raw(`select id from audit_logs where action = 'env.changed'`);
    expect(await change({ variables: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] })).toMatchObject({ unchanged: ['A', 'B'], version: before });
    expect(await studio.raw(`select id from audit_logs where action = 'env.changed'`)).toEqual(entries);
  });

  it('keeps the value of a secret that is named without one, and does not unseal it by a mark', async () => {
    await change({ variables: [{ name: 'TOKEN', value: 'first' }] });
    expect(await change({ variables: [{ name: 'TOKEN' }] })).toMatchObject({ unchanged: ['TOKEN'] });
    expect(await exported()).toMatchObject({ TOKEN: 'first' });
    expect(await refusals({ variables: [{ name: 'TOKEN', secret: false }] })).toEqual([['/variables/0/value', 'TOKEN is a secret. Give its value again to make it readable.']]);
    expect(await refusals({ variables: [{ name: 'NEVER_SET' }] })).toEqual([['/variables/0/value', 'NEVER_SET is new and needs a value.']]);
    await change({ variables: [{ name: 'TOKEN', value: 'first', secret: false }] });
    expect(await own()).toMatchObject([{ name: 'TOKEN', value: 'first' }]);
  });

  it('removes what is named, or all that is not, and never what the backend gives', async () => {
    await change({ variables: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }, { name: 'C', value: '3' }] });
    expect(await change({ remove: ['A', 'UNKNOWN'] })).toMatchObject({ removed: ['A'] });
    expect(await change({ variables: [{ name: 'C' }, { name: 'D', value: '4' }], replace: true })).toMatchObject({ removed: ['B'], added: ['D'], unchanged: ['C'] });
    expect((await own()).map(({ name }) => name)).toEqual(['C', 'D']);
    expect(await refusals({ remove: ['APPWRITE_API_KEY'] })).toEqual([['/remove/0', 'APPWRITE_API_KEY comes from the backend and cannot be removed.']]);
  });

  it('shows before what it would do, and refuses when somebody else was there meanwhile', async () => {
    await change({ variables: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] });
    const wanted = { dotenv: 'A=one\nNEW=3\n', replace: true };
    const seen = await change({ ...wanted, preview: true });
    expect(seen).toMatchObject({ added: ['NEW'], changed: ['A'], removed: ['B'], version: await version() });
    expect((await own()).map(({ name }) => name)).toEqual(['A', 'B']);
    await change({ variables: [{ name: 'MEANWHILE', value: 'x' }] });
    expect(await attempt(change({ ...wanted, version: seen.version }))).toBe('conflict');
    expect((await own()).map(({ name }) => name)).toEqual(['A', 'B', 'MEANWHILE']);
  });

  it('gives two writers at once a version each and loses neither', async () => {
    const before = await version();
    await Promise.all(Array.from({ length: 8 }, (_, index) => change({ variables: [{ name: `W_${index}`, value: String(index) }] })));
    expect(await version()).toBe(before + 8);
    expect((await own()).map(({ name }) => name)).toEqual(Array.from({ length: 8 }, (_, index) => `W_${index}`));
  });
});

describe('a pasted .env', () => {
  it('comes in whole, with what the backend gives left alone', async () => {
    await stepUp(studio);
    const text = (await exportEnv(studio.owner.ctx, project)).replace(/^APPWRITE_ENDPOINT=.*/m, 'APPWRITE_ENDPOINT=https://elsewhere.test/v1');
    const answer = await change({ dotenv: `${text}# mine\nexport DATABASE_URL="postgres://u:p@h/db"\nNEXT_PUBLIC_NAME='My app'\n` });
    expect(answer).toMatchObject({ added: ['DATABASE_URL', 'NEXT_PUBLIC_NAME'], changed: [], protected: expect.arrayContaining(['APPWRITE_ENDPOINT', 'APPWRITE_API_KEY']) });
    // Without a word a name is a secret, unless it goes to browsers anyway.
    expect(await own()).toMatchObject([{ name: 'DATABASE_URL', secret: true }, { name: 'NEXT_PUBLIC_NAME', secret: false, value: 'My app' }]);
    expect((await exported()).APPWRITE_ENDPOINT).toBe(`${studio.appwrite.url}`);
  });

  it('is refused as a whole, each wrong line by its number', async () => {
    const errors = await refusals({ dotenv: 'GOOD=1\nMY VAR=2\nPATH=/tmp\nnonsense\nRAILWAY_X=1\nQ="open' });
    expect(errors.map(([pointer]) => pointer)).toEqual(errors.map(() => '/dotenv'));
    expect(errors.map(([, detail]) => /^Line (\d+):/.exec(detail)?.[1])).toEqual(['4', '6', '2', '3', '5']);
    expect(await own()).toEqual([]);
  });
});

describe('a variable that cannot be', () => {
  it.each([
    ['an empty name', { name: '', value: 'x' }, 'name', 'The name must not be empty.'],
    ['a name with a space', { name: 'MY VAR', value: 'x' }, 'name', '"MY VAR" is no name for a variable. Use letters, digits and underscores, and begin with a letter.'],
    ['PATH', { name: 'PATH', value: 'x' }, 'name', 'PATH is set by the platform that runs the app. Choose another name.'],
    ['what Railway sets', { name: 'RAILWAY_PROJECT_ID', value: 'x' }, 'name', 'RAILWAY_PROJECT_ID is set by the platform that runs the app. Choose another name.'],
    ['what the backend gives', { name: 'APPWRITE_API_KEY', value: 'x' }, 'name', 'APPWRITE_API_KEY comes from the backend and cannot be set.'],
    ['a value of a megabyte', { name: 'BIG', value: 'x'.repeat(1_000_000) }, 'value', 'The value of BIG must not be longer than 32768 characters.'],
    ['a null byte', { name: 'NUL', value: 'a\u0000b' }, 'value', 'The value of NUL must not hold control characters or broken ones.'],
    ['half a character', { name: 'HALF', value: '\ud83d' }, 'value', 'The value of HALF must not hold control characters or broken ones.'],
    ['a secret for browsers', { name: 'NEXT_PUBLIC_TOKEN', value: 'x', secret: true }, 'value', 'NEXT_PUBLIC_TOKEN goes to browsers by its name, so it cannot be a secret. Choose another name, or do not mark it.'],
    ['a key for servers under a public name', { name: 'VITE_KEY', value: `standard_${'a1'.repeat(64)}` }, 'value', 'VITE_KEY goes to browsers, and its value is a key for servers. Choose another name.'],
  ])('is refused with words: %s', async (_what, variable, field, detail) => {
    expect(await refusals({ variables: [{ name: 'FINE', value: '1' }, variable] })).toEqual([[`/variables/1/${field}`, detail]]);
    expect(await own()).toEqual([]);
  });

  it('is refused when a request contradicts itself', async () => {
    await change({ variables: [{ name: 'KEPT', value: '1' }] });
    expect(await refusals({ replace: true })).toEqual([['/replace', 'replace needs variables or dotenv: what is to stay.']]);
    expect(await refusals({ variables: [{ name: 'KEPT', value: '2' }], remove: ['KEPT'] })).toEqual([['/remove/0', 'KEPT is to be set and removed at once. Name it in one place.']]);
    expect(await own()).toHaveLength(1);
  });

  it('is refused when there are too many, or too much in all', async () => {
    const many = (count: number, value: string) => Array.from({ length: count }, (_, index) => ({ name: `M_${index}`, value }));
    expect(await attempt(change({ variables: many(251, 'x') }))).toBe('quota_exceeded');
    expect(await attempt(change({ variables: many(9, 'x'.repeat(32_000)) }))).toBe('quota_exceeded');
    await change({ variables: many(8, 'x'.repeat(32_000)) });
    expect(await attempt(change({ variables: [{ name: 'ONE_MORE', value: 'x'.repeat(10_000) }] }))).toBe('quota_exceeded');
    await change({ variables: many(250, 'x') });
    expect(await attempt(change({ variables: [{ name: 'ONE_MORE', value: 'x' }] }))).toBe('quota_exceeded');
    expect(await own()).toHaveLength(250);
  });
});

describe('an environment', () => {
  const of = (environment: string) => ({ environment });
  const keyIn = async (environment: string) => {
    await stepUp(studio);
    return /^APPWRITE_API_KEY=(.+)$/m.exec(await exportEnv(studio.owner.ctx, project, of(environment)))?.[1] ?? '';
  };
  const opens = async (secret: string) => {
    const { APPWRITE_PROJECT: id = '' } = await exported();
    return (await fetch(`${studio.appwrite.url}/users`, { headers: { 'X-Appwrite-Project': id, 'X-Appwrite-Key': secret } })).status;
  };

  it('has variables and a key of its own beside the same backend', async () => {
    await change({ variables: [{ name: 'SHARED', value: 'production' }] });
    const staging = await createEnvironment(studio.owner.ctx, project, { name: 'staging' });
    expect(staging).toMatchObject({ name: 'staging', variables: 0 });
    await changeVariables(studio.owner.ctx, project, { variables: [{ name: 'SHARED', value: 'staging' }] }, of('staging'));
    expect((await listEnvironments(studio.owner.ctx, project)).data.map(({ name, variables }) => [name, variables])).toEqual([['production', 1], ['staging', 1]]);
    await stepUp(studio);
    const values = parseEnv(await exportEnv(studio.owner.ctx, project, of('staging')));
    expect(values['SHARED']).toBe('staging');
    const there = await exported();
    expect(there).toMatchObject({ SHARED: 'production', APPWRITE_PROJECT_ID: values['APPWRITE_PROJECT_ID'] });
    expect(values['APPWRITE_API_KEY']).not.toBe(there['APPWRITE_API_KEY']);
    expect(await opens(await keyIn('staging'))).toBe(200);
  });

  it('survives a rotation and a removal at once: one of them wins, and nothing is left over', async () => {
    for (let round = 0; round < 5; round += 1) {
      await createEnvironment(studio.owner.ctx, project, { name: 'preview' });
      const key = (await listKeys(studio.owner.ctx, project)).data.find(({ name, state }) => name === 'Variables of preview' && state === 'live');
      const outcomes = await Promise.all([attempt(rotateKey(studio.owner.ctx, project, key?.id ?? '', {})), attempt(removeEnvironment(studio.owner.ctx, project, 'preview'))]);
      expect(outcomes[1]).toBe('ok');
      expect(['ok', 'conflict']).toContain(outcomes[0]);
      await studio.hurry();
      await studio.drain();
      expect((await listKeys(studio.owner.ctx, project)).data.filter(({ name, state }) => name === 'Variables of preview' && state === 'live')).toEqual([]);
    }
  });

  it('is there once, and has one of the names', async () => {
    expect(await attempt(createEnvironment(studio.owner.ctx, project, { name: 'staging' }))).toBe('conflict');
    expect(await attempt(createEnvironment(studio.owner.ctx, project, { name: 'production' }))).toBe('invalid_input');
    expect(await attempt(getEnv(studio.owner.ctx, project, of('preview')))).toBe('not_found');
    expect(await attempt(getEnv(studio.owner.ctx, project, of('nowhere')))).toBe('invalid_input');
    const outcomes = await Promise.all([1, 2, 3].map(() => attempt(createEnvironment(studio.owner.ctx, project, { name: 'preview' }))));
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(2);
    await studio.hurry();
    await studio.drain();
    const keys = (await listKeys(studio.owner.ctx, project)).data.filter(({ name, state }) => name === 'Variables of preview' && state === 'live');
    expect(keys).toMatchObject([{ purpose: 'env' }]);
  });

  it('rotates its key without touching that of production', async () => {
    const [production, before] = [await keyIn('production'), await keyIn('staging')];
    const key = (await listKeys(studio.owner.ctx, project)).data.find(({ name, replaced_by: next }) => name === 'Variables of staging' && next === null);
    await rotateKey(studio.owner.ctx, project, key?.id ?? '', {});
    await studio.drain();
    expect(await keyIn('production')).toBe(production);
    const after = await keyIn('staging');
    expect(after).not.toBe(before);
    expect([await opens(before), await opens(after), await opens(production)]).toEqual([401, 200, 200]);
  });

  it('goes with its variables and its key; production stays', async () => {
    const secret = await keyIn('staging');
    await changeVariables(studio.owner.ctx, project, { variables: [{ name: 'GOES', value: 'x' }] }, of('staging'));
    const [environment] = await studio.raw<{ id: string }>(`select id from environments where name = 'staging'`);
    const kept = () => studio.raw(`select 1 from environment_variables where environment_id = $1 and name = 'GOES'`, [environment?.id]);
    expect(await kept()).toHaveLength(1);
    expect(await attempt(removeEnvironment(studio.owner.ctx, project, 'production'))).toBe('conflict');
    await removeEnvironment(studio.owner.ctx, project, 'staging');
    await studio.drain();
    expect(await opens(secret)).toBe(401);
    expect(await attempt(getEnv(studio.owner.ctx, project, of('staging')))).toBe('not_found');
    expect(await attempt(removeEnvironment(studio.owner.ctx, project, 'staging'))).toBe('not_found');
    expect(await kept()).toEqual([]);
    await createEnvironment(studio.owner.ctx, project, { name: 'staging' });
    expect(await keyIn('staging')).not.toBe(secret);
  });

  it('is not left behind half when Appwrite does not make its key', async () => {
    await removeEnvironment(studio.owner.ctx, project, 'staging');
    studio.appwrite.standIn.faults.add({ method: 'POST', path: '/v1/**', effect: { kind: 'server-error', as: 'json' } });
    expect(await attempt(createEnvironment(studio.owner.ctx, project, { name: 'staging' }))).toBe('unavailable');
    studio.appwrite.standIn.faults.clear();
    expect((await listEnvironments(studio.owner.ctx, project)).data.map(({ name }) => name)).toEqual(['production', 'preview']);
  });
});
