'use client';

import { useState } from 'react';
import { SecretDialog } from '@/app/(studio)/_components/dialogs';
import { usePages } from '@/app/_live/use-pages';
import { missingRight } from '@/app/_shell/navigation';
import { AllowedButton } from '@/app/_ui/allowed';
import { PageBody, PageHeader } from '@/app/_ui/card';
import { CodeBlock } from '@/app/_ui/code-block';
import { EmptyState } from '@/app/_ui/empty-state';
import { Icon } from '@/app/_ui/icon';
import { MoreRows } from '@/app/_ui/more-rows';
import { onDemand } from '@/app/_ui/on-demand';
import type { ApiKeyView, CreatedApiKey } from '@/lib/identity/api-key/schemas';
import type { Page } from '@/lib/kernel/page';
import { ApiKeyTable } from './api-key-table';

const CreateApiKeyDialog = onDemand(async () => (await import('./create-api-key-dialog')).CreateApiKeyDialog);

interface ApiKeysViewProps {
  organizationId: string;
  mayManage: boolean;
  first: Page<ApiKeyView>;
}

export function ApiKeysView({ organizationId, mayManage, first }: ApiKeysViewProps) {
  const keys = usePages<ApiKeyView>({ path: `/organizations/${organizationId}/api-keys`, first });
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const refusal = mayManage ? undefined : missingRight('api_key:manage');
  const create = (
    <AllowedButton reason={refusal} kind="primary" icon={<Icon name="plus" />} onClick={() => setCreating(true)}>
      Create API key
    </AllowedButton>
  );
  return (
    <PageBody>
      <PageHeader title="API keys" description="For programs that talk to Studio itself. A project's own keys are under that project." actions={create} />
      {keys.rows.length === 0 ? (
        <EmptyState
          icon={<Icon name="square-terminal" className="size-5" />}
          title="No API keys yet"
          action={create}
          command={<CodeBlock label="API call" caption="What a key is for" code={`curl "$STUDIO_URL/api/v1/projects" -H "Authorization: Bearer $STUDIO_TOKEN"`} />}
        >
          A key lets scripts and pipelines create and watch projects. It carries only the scopes you choose, for one project or for all.
        </EmptyState>
      ) : (
        <>
          <ApiKeyTable organizationId={organizationId} keys={keys.rows} refusal={refusal} onChanged={keys.reload} />
          <MoreRows more={keys.more} busy={keys.loading} onMore={keys.loadMore} />
        </>
      )}
      {creating && (
        <CreateApiKeyDialog
          organizationId={organizationId}
          onClose={() => setCreating(false)}
          onMade={(key) => {
            setCreating(false);
            setMade(key);
            void keys.reload();
          }}
        />
      )}
      {made !== null && <SecretDialog title={`API key ${made.name}`} secret={made.secret} variable="STUDIO_TOKEN" fileName={`${made.id}.env`} onClose={() => setMade(null)} />}
    </PageBody>
  );
}
