'use client';

import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { buttonClass } from '@/app/_ui/button';
import { Icon } from '@/app/_ui/icon';
import type { AuditQuery } from '@/app/(studio)/_components/audit-table';

const formats = [
  ['csv', 'CSV'],
  ['ndjson', 'NDJSON'],
] as const;

/** Downloads everything that the filters let through, not only what is shown. */
export function AuditExport({ organizationId, filters, mayExport }: { organizationId: string; filters: AuditQuery; mayExport: boolean }) {
  return formats.map(([format, name]) =>
    mayExport ? (
      <a key={format} download href={`/api/v1/organizations/${organizationId}/audit/export?${new URLSearchParams({ ...filters, format })}`} className={buttonClass()}>
        <Icon name="download" /> Export {name}
      </a>
    ) : (
      <AllowedButton key={format} reason={missingRight('audit:export')} icon={<Icon name="download" />}>
        Export {name}
      </AllowedButton>
    ),
  );
}
