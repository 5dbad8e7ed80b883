import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditCsvHeader, toCsvLine } from '@/lib/trust/audit/csv';
import type { AuditEntryView } from '@/lib/trust/audit/schemas';

const entry: AuditEntryView = {
  id: 'aud_0',
  at: '2030-01-01T00:00:00.000Z',
  actor: { kind: 'user', id: 'usr_0', name: 'Ada' },
  action: 'project.created',
  target: { kind: 'project', id: 'prj_0', name: 'Shop' },
  outcome: 'allowed',
  reason: null,
  ip: null,
  user_agent: null,
  request_id: 'r',
  changes: null,
};

/** Reads one line of RFC 4180. */
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  for (const [, quoted, plain] of line.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)) {
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
  }
  return cells;
}

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =HYPERLINK("http://evil")', '\r=1'])('%j does not reach a spreadsheet as a formula', (name) => {
  expect(cellsOf(toCsvLine({ ...entry, actor: { ...entry.actor, name } }))[4]).toBe(`'${name}`);
});

test('any text comes back as it was, but for the apostrophe, and never breaks the line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
      const cells = cellsOf(toCsvLine({ ...entry, target: { ...entry.target, name } }));
      expect(cells).toHaveLength(auditCsvHeader.split(',').length);
      expect([name, `'${name}`]).toContain(cells[8]);
      expect(cells[8]).not.toMatch(/^\s*[=+\-@]/);
    }),
    { numRuns: 2_000 },
  );
});
