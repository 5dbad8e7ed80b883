import { describe, expect, test } from 'vitest';
import { measuredFrom } from './pgbench';
import { pgbenchScript } from './pgbench-script';
import { anew } from './straight';
import type { Transcript } from './transcript';

const known = '018f0000-0000-7000-8000-000000000001';
const fresh = '018f0000-0000-7000-8000-000000000002';
const freshProject = 'prj_0123456789abcdefghjkmnpqrs';

const created: Transcript = {
  spoken: [
    { text: `begin; set local "app"."current_tenant" = '${known}'`, values: [] },
    { text: 'insert into projects (organization_id, id, public_id, name, hostname, keys)\n values ($1, $2, $3, $4, $5, $6)', values: [known, fresh, freshProject, "it's :name", null, ['a', 'b"c']] },
    { text: `select to_char(at, 'HH24:MI:SS') from projects where id = $1 limit $2`, values: [fresh, 26] },
    { text: 'select pg_notify($1, $2)', values: ['studio', JSON.stringify({ kind: 'project', project_id: fresh })] },
    { text: 'commit', values: [] },
  ],
  fresh: new Set([fresh, freshProject]),
};

describe('a script of pgbench', () => {
  const lines = pgbenchScript(created).split('\n');

  test('sends the whole transaction at once, a statement a line', () => {
    expect(lines.slice(2, 5)).toEqual(['\\startpipeline', 'begin;', `set local "app"."current_tenant" = '${known}';`]);
    expect(lines.slice(-3)).toEqual(['commit;', '\\endpipeline', '']);
    expect(lines).toHaveLength(11);
  });

  test('writes values in their places, quotes and null among them', () => {
    expect(lines[5]).toContain(`values ('${known}', `);
    expect(lines[5]).toContain(`U&'it''s \\003Aname', null, '{"a","b\\"c"}')`);
    expect(lines[6]).toContain(`limit '26'`);
  });

  test('leaves no colon in quotes, where pgbench would see a variable', () => {
    for (const line of lines) expect(line.match(/'(?:[^']|'')*'/g)?.join('') ?? '').not.toContain(':');
    expect(lines[6]).toContain(`U&'HH24\\003AMI\\003ASS'`);
  });

  test('draws a new id wherever the verb made one, the same in each place', () => {
    for (const line of lines) expect(line).not.toMatch(new RegExp(`${fresh}|${freshProject}`));
    const id = /values \('[^']*', (\(lpad.*?\)::uuid), /.exec(lines[5] ?? '')?.[1];
    expect(id).toBeDefined();
    expect(lines[6]).toContain(`id = ${id}`);
    expect(lines[7]).toContain(`${id}::text`);
  });
});

test('the driver alone makes new ids too, and keeps those that were there', () => {
  const [, insert, select, notify] = anew(created);
  const made = String(insert?.values[1]);
  expect(insert?.values[0]).toBe(known);
  expect(made).not.toBe(fresh);
  expect(insert?.values[2]).toMatch(/^prj_[0-9a-f]{26}$/);
  expect(select?.values).toEqual([made, 26]);
  expect(notify?.values[1]).toContain(made);
});

describe('the log of pgbench', () => {
  test('is read in milliseconds, without the first time of each script on each connection', () => {
    const lines = ['0 1 900000 0 1 1', '1 1 800000 0 1 1', '0 2 1000 0 1 1', '0 3 700000 1 1 1', '0 4 3000 1 1 1', '1 2 2000 0 1 1'];
    expect(measuredFrom(lines, 2)).toMatchObject({ requests: 3, p50: 2, p95: 3 });
  });

  test('without a transaction is an error', () => {
    expect(() => measuredFrom(['0 1 900 0 1 1'], 1)).toThrow('no transaction');
  });
});
