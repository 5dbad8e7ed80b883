'use client';

import { useState } from 'react';
import { AuditTable } from '@/app/(studio)/_components/audit-table';
import { PageBody, PageHeader } from '@/app/_ui/card';
import type { Page } from '@/lib/kernel/page';
import type { AuditEntryView } from '@/lib/trust/audit/schemas';
import { AuditExport } from './audit-export';
import { AuditFilterBar, filtersOf, noFilters } from './audit-filter-bar';

interface AuditViewProps {
  organizationId: string;
  mayExport: boolean;
  first: Page<AuditEntryView>;
}

export function AuditView({ organizationId, mayExport, first }: AuditViewProps) {
  const [asked, setAsked] = useState(noFilters);
  const filters = filtersOf(asked);
  return (
    <PageBody width="full">
      <PageHeader title="Audit log" description="Who did what, when and from where, refused attempts included. Entries cannot be changed or deleted." actions={<AuditExport organizationId={organizationId} filters={filters} mayExport={mayExport} />} />
      <AuditFilterBar asked={asked} onAsk={setAsked} />
      <AuditTable organizationId={organizationId} filters={filters} first={asked === noFilters ? first : undefined} />
    </PageBody>
  );
}
