import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeRole } from '@/lib/identity/member/change-role';
import { removeMember } from '@/lib/identity/member/remove-member';
import { updateOrganization } from '@/lib/identity/organization/update-organization';
import { exportAudit, type AuditExport } from '@/lib/trust/audit/export-audit';
import { listAudit } from '@/lib/trust/audit/list-audit';
import { testStudio, type Person, type TestStudio } from '../support/context';
import { auditOf, expectRefusal } from '../support/expect-refusal';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

let owner: Person;
let acme: Awaited<ReturnType<TestStudio['organization']>>;
beforeEach(async () => {
  owner = await studio.person({ firstName: '=cmd', lastName: 'Lovelace' });
  acme = await studio.organization(owner);
});

async function textOf({ chunks }: AuditExport): Promise<string> {
  const pieces = [];
  for await (const piece of chunks) pieces.push(piece);
  return pieces.join('');
}

/** Entries of long ago, one a minute, so that a log of any length is there at once. */
async function fill(count: number): Promise<void> {
  await studio.raw(
    `insert into audit_logs (id, organization_id, actor_kind, actor_id, actor_name, action, target_kind, outcome, request_id, at)
     select uuidv7(at - now()), $1, 'system', 'janitor', 'Studio (janitor)', 'project.purged', 'project', 'allowed', 'r', at
       from (select timestamptz '2026-01-01T00:00:00Z' + n * interval '1 minute' as at from generate_series(1, $2) n) entries`,
    [acme.rowId, count],
  );
}

describe('list', () => {
  test('tells who did what to whom, newest first, in public ids', async () => {
    const dev = await studio.person();
    const { publicId } = await studio.join(acme, dev, 'developer');
    await changeRole(owner.ctx, acme.id, publicId, { role: 'viewer' });
    const { data } = await listAudit(owner.ctx, acme.id);
    expect(data[0]).toMatchObject({
      id: expect.stringMatching(/^aud_[0-9a-z]{26}$/),
      actor: { kind: 'user', id: owner.publicId, name: '=cmd Lovelace' },
      action: 'member.role_changed',
      target: { kind: 'member', id: publicId, name: dev.email },
      outcome: 'allowed',
      ip: '192.0.2.7',
      changes: { role: { from: 'developer', to: 'viewer' } },
    });
    expect(data.map(({ action }) => action)).toEqual(['member.role_changed', 'organization.created']);
  });

  test('still names somebody who is gone, and finds what they did', async () => {
    const admin = await studio.person({ firstName: 'Grace' });
    const { publicId } = await studio.join(acme, admin, 'admin');
    await updateOrganization(admin.ctx, acme.id, { name: 'Renamed' });
    await removeMember(owner.ctx, acme.id, publicId);
    const { data } = await listAudit(owner.ctx, acme.id, { actor: admin.publicId });
    expect(data).toMatchObject([{ action: 'organization.updated', actor: { id: admin.publicId, name: 'Grace Person' } }]);
  });

  test('filters by action, noun, target, outcome and time, and by all of them together', async () => {
    await fill(3);
    const viewer = await studio.person();
    await studio.join(acme, viewer, 'viewer');
    await expectRefusal(updateOrganization(viewer.ctx, acme.id, { name: 'x' }), 'forbidden');
    await updateOrganization(owner.ctx, acme.id, { name: 'Two' });
    const actions = async (filters: object) => (await listAudit(owner.ctx, acme.id, filters)).data.map(({ action }) => action);
    expect(await actions({ action: 'organization.updated' })).toEqual(['organization.updated']);
    expect(await actions({ action: 'organization' })).toEqual(['organization.updated', 'organization.update', 'organization.created']);
    expect(await actions({ outcome: 'denied' })).toEqual(['organization.update']);
    expect(await actions({ target: acme.id, outcome: 'allowed' })).toEqual(['organization.updated', 'organization.created']);
    expect(await actions({ actor: 'janitor', from: '2026-01-01T00:02:00Z', to: '2026-01-01T00:03:00Z' })).toEqual(['project.purged']);
    expect(await actions({ to: '2026-01-02' })).toHaveLength(3);
    expect(await actions({ actor: viewer.publicId })).toEqual(['organization.update']);
    expect(await actions({ target: `' or true --` })).toEqual([]);
  });

  test('pages without loss or repetition', async () => {
    await fill(50);
    const seen = [];
    let cursor: string | null = null;
    do {
      const page = await listAudit(owner.ctx, acme.id, { limit: '7', ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(51);
    expect(new Set(seen).size).toBe(51);
  });

  test.each(['developer', 'viewer', 'billing'] as const)('a %s does not read it', async (role) => {
    const person = await studio.person();
    await studio.join(acme, person, role);
    expect((await expectRefusal(listAudit(person.ctx, acme.id), 'forbidden')).right).toBe('audit:read');
    await expectRefusal(exportAudit(person.ctx, acme.id, { format: 'csv' }), 'forbidden');
    expect((await auditOf(studio, acme)).filter(({ outcome }) => outcome === 'denied')).toHaveLength(2);
  });

  test('a stranger gets 404, and bad filters are named', async () => {
    const eve = await studio.person();
    await expectRefusal(listAudit(eve.ctx, acme.id), 'not_found');
    await expectRefusal(exportAudit(eve.ctx, acme.id, {}), 'not_found');
    expect((await expectRefusal(listAudit(owner.ctx, acme.id, { from: 'yesterday' }), 'invalid_input')).errors?.[0]?.pointer).toBe('/from');
    expect((await expectRefusal(listAudit(owner.ctx, acme.id, { action: 'org' }), 'invalid_input')).errors?.[0]?.pointer).toBe('/action');
    expect((await expectRefusal(listAudit(owner.ctx, acme.id, { outcome: 'maybe' }), 'invalid_input')).errors?.[0]?.pointer).toBe('/outcome');
    expect((await expectRefusal(listAudit(owner.ctx, acme.id, { organization_id: acme.id }), 'invalid_input')).errors?.[0]?.pointer).toBe('/organization_id');
  });

  test('nobody, not even an owner of the organization through the runtime role, rewrites it', async () => {
    const [row] = await studio.raw<{ id: string }>('select id from audit_logs where organization_id = $1', [acme.rowId]);
    expect(row).toBeDefined();
    const { withTenant } = await import('@/db/platform/client');
    const scope = { organizationId: acme.rowId, userId: owner.id };
    for (const statement of [
      `update audit_logs set action = 'x'`,
      'delete from audit_logs',
      'truncate audit_logs',
      `insert into audit_logs (organization_id, at, actor_kind, actor_name, action, target_kind, outcome, request_id) values ('${acme.rowId}', '2001-01-01', 'user', 'x', 'x', 'x', 'allowed', 'x')`,
      `insert into audit_logs (organization_id, id, actor_kind, actor_name, action, target_kind, outcome, request_id) values ('${acme.rowId}', uuidv7(), 'user', 'x', 'x', 'x', 'allowed', 'x')`,
    ]) {
      await expect(withTenant(studio.database, scope, {}, (tx) => tx.query(statement)), statement).rejects.toMatchObject({ code: '42501' });
    }
    expect(await auditOf(studio, acme)).toHaveLength(1);
  });
});

describe('export', () => {
  test('as CSV: every entry in any number of pieces, names harmless to spreadsheets, and itself on record', async () => {
    await fill(2_500);
    const file = await exportAudit(owner.ctx, acme.id, { format: 'csv' });
    expect(file).toMatchObject({ contentType: 'text/csv; charset=utf-8', filename: expect.stringMatching(/^audit-\d{4}-\d\d-\d\d\.csv$/) });
    const lines = (await textOf(file)).split('\r\n');
    expect(lines).toHaveLength(1 + 2_502 + 1);
    expect(lines[0]).toMatch(/^id,at,actor_kind/);
    expect(lines[1]).toContain('audit_log.exported');
    expect(lines[1]).toContain(`"'=cmd Lovelace"`);
    expect((await auditOf(studio, acme)).at(-1)).toMatchObject({ action: 'audit_log.exported', actor_id: owner.publicId, changes: { format: { from: null, to: 'csv' } } });
  });

  test('as NDJSON with filters: each line is the entry that the list shows', async () => {
    await fill(5);
    const file = await exportAudit(owner.ctx, acme.id, { format: 'ndjson', actor: 'janitor' });
    const entries: unknown[] = (await textOf(file)).trimEnd().split('\n').map((line) => JSON.parse(line));
    expect(entries).toEqual((await listAudit(owner.ctx, acme.id, { actor: 'janitor' })).data);
  });

  test('ends when the right ends', async () => {
    await fill(2_500);
    const admin = await studio.person();
    const { publicId } = await studio.join(acme, admin, 'admin');
    const { chunks } = await exportAudit(admin.ctx, acme.id, { format: 'ndjson' });
    const pieces = chunks[Symbol.asyncIterator]();
    expect((await pieces.next()).done).toBe(false);
    await removeMember(owner.ctx, acme.id, publicId);
    await expectRefusal(pieces.next(), 'not_found');
  });

  test('an unknown format is named', async () => {
    expect((await expectRefusal(exportAudit(owner.ctx, acme.id, { format: 'xlsx' }), 'invalid_input')).errors?.[0]?.pointer).toBe('/format');
  });
});
