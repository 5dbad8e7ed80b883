import { z } from 'zod';
import { door, Raw } from '@/lib/http/door';
import { textStream } from '@/lib/http/text-stream';
import { exportAudit } from '@/lib/trust/audit/export-audit';
import { listAudit } from '@/lib/trust/audit/list-audit';
import { AuditEntryView, ExportAudit, ListAudit } from '@/lib/trust/audit/schemas';

export const auditDoors = [
  door({
    method: 'get', path: '/organizations/{organization}/audit', tag: 'Audit', query: ListAudit, status: 200,
    returns: z.object({ data: z.array(AuditEntryView), next_cursor: z.string().nullable() }),
    summary: 'Who did what, newest first',
    run: (ctx, { params, query }) => listAudit(ctx, params.organization, query),
  }),
  door({
    method: 'get', path: '/organizations/{organization}/audit/export', tag: 'Audit', query: ExportAudit, sends: 'text', status: 200, returns: null,
    summary: 'The audit log as CSV or NDJSON',
    async run(ctx, { params, query }) {
      const file = await exportAudit(ctx, params.organization, query);
      return new Raw(textStream(file.chunks), {
        'content-type': file.contentType,
        'content-disposition': `attachment; filename="${file.filename}"`,
      });
    },
  }),
];
