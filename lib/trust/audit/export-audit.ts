import { patient } from '@/db/platform/client';
import type { Ctx } from '@/lib/context';
import { within } from '@/lib/identity/access/within';
import { parseInput } from '@/lib/kernel/parse';
import { auditCsvHeader, toCsvLine } from './csv';
import { readAudit, toAuditEntryView } from './internal';
import { audit } from './record';
import { ExportAudit, type AuditEntryView, type AuditFilters } from './schemas';

export interface AuditExport {
  contentType: string;
  filename: string;
  /** Text in pieces, each of up to `rowsAtOnce` entries. */
  chunks: AsyncIterable<string>;
}

const rowsAtOnce = 1_000;

const formats = {
  csv: { contentType: 'text/csv; charset=utf-8', header: auditCsvHeader, line: toCsvLine },
  ndjson: { contentType: 'application/x-ndjson', header: '', line: (entry: AuditEntryView) => `${JSON.stringify(entry)}\n` },
} as const;

/**
 * The whole log, or what the filters leave, newest first, as it is when the first piece is read. The export is itself
 * an entry, written before the first row leaves. Each piece is a transaction of its own that checks the right again,
 * so a long export holds nothing open and ends when the right does.
 */
export async function exportAudit(ctx: Ctx, organization: string, raw: unknown): Promise<AuditExport> {
  const { format, ...filters } = await within(ctx, { organization }, 'audit:export', async (tx, { organizationId }) => {
    const input = parseInput(ExportAudit, raw);
    await audit(ctx, tx, {
      organizationId,
      action: 'audit_log.exported',
      target: { kind: 'audit_log', id: null, name: null },
      changes: Object.fromEntries(Object.entries(input).map(([name, value]) => [name, { from: null, to: value }])),
    });
    return input;
  });
  return {
    contentType: formats[format].contentType,
    filename: `audit-${ctx.clock.now().toISOString().slice(0, 10)}.${format}`,
    chunks: chunksOf(ctx, organization, filters, formats[format]),
  };
}

async function* chunksOf(ctx: Ctx, organization: string, filters: AuditFilters, { header, line }: (typeof formats)[keyof typeof formats]): AsyncIterable<string> {
  const unhurried = { ...ctx, database: patient(ctx.database) };
  if (header !== '') yield header;
  let before: string | null = null;
  do {
    const rows = await within(unhurried, { organization }, 'audit:read', (tx, { organizationId }) => readAudit(tx, organizationId, filters, { before, rows: rowsAtOnce }));
    if (rows.length > 0) yield rows.map((row) => line(toAuditEntryView(row))).join('');
    before = rows.length === rowsAtOnce ? (rows.at(-1)?.id ?? null) : null;
  } while (before !== null);
}
